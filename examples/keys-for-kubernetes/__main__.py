import pulumi
import pulumi_kubernetes as kubernetes

import pulumi_thegrid as thegrid

image = pulumi.Config().require("image")

key = thegrid.ConsumptionKey("assistant", rotate_after="14d", overlap="2d")

secret = kubernetes.core.v1.Secret(
    "assistant", metadata={"name": "assistant-thegrid"}, string_data=key.env
)

# A container reads its environment when it starts. The annotation changes with the key, so each
# rotation is a rollout, and pods that still have the old key are gone before its overlap ends.
kubernetes.apps.v1.Deployment(
    "assistant",
    metadata={"name": "assistant"},
    spec={
        "replicas": 2,
        "selector": {"match_labels": {"app": "assistant"}},
        "template": {
            "metadata": {
                "labels": {"app": "assistant"},
                "annotations": {"thegrid.ai/key-id": key.key_id},
            },
            "spec": {
                "containers": [
                    {
                        "name": "assistant",
                        "image": image,
                        "env_from": [{"secret_ref": {"name": secret.metadata.name}}],
                    }
                ]
            },
        },
    },
)

pulumi.export("key_id", key.key_id)
pulumi.export("secret", secret.metadata.name)
