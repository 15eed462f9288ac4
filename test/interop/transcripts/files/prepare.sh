# Namespace $1 as controllers would make it, and kubectl in it.
kubectl create namespace "$1"
kubectl create serviceaccount default --namespace "$1"
kubectl config set-context --current --namespace "$1" > /dev/null
