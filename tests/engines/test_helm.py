import pytest

from thegrid_lab.errors import CommandFailed
from thegrid_lab.helm import helm_template

pytestmark = pytest.mark.engines

TEMPLATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  mode: {{ required "mode is needed" .Values.mode }}
"""


@pytest.fixture
def chart(tmp_path):
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "settings.yaml").write_text(TEMPLATE)
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "orders.yaml").write_text(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        "metadata: {name: orders.example.com}\n"
    )
    return tmp_path


def test_a_chart_is_rendered_with_its_values_and_definitions(chart):
    objects = helm_template(chart, release="mine", namespace="shop", values={"mode": "easy"})
    settings = next(each for each in objects if each["kind"] == "ConfigMap")
    assert settings["metadata"] == {"name": "mine", "namespace": "shop"}
    assert settings["data"] == {"mode": "easy"}
    assert {each["kind"] for each in objects} == {"ConfigMap", "CustomResourceDefinition"}


def test_values_that_a_chart_refuses_are_one_line(chart):
    with pytest.raises(CommandFailed, match=r"helm template failed .* mode is needed") as caught:
        helm_template(chart, release="mine", namespace="shop")
    assert "\n" not in str(caught.value)
