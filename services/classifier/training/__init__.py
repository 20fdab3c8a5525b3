"""How the classifier's weights are made: `python -m services.classifier.training`. Never imported at run time."""
