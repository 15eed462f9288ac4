// Reads the schema as clients do that look up merge keys in it, and says what it finds of a few kinds.
package main

import (
	"fmt"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kube-openapi/pkg/util/proto"
	"k8s.io/kubectl/pkg/util/openapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	document, err := client.OpenAPISchema()
	if err != nil {
		return err
	}
	resources, err := openapi.NewOpenAPIData(document)
	if err != nil {
		return err
	}
	for _, asked := range []struct{ group, version, kind, path string }{
		{"apps", "v1", "Deployment", "spec.template.spec.containers"},
		{"apps", "v1", "Deployment", "spec.template.spec.containers.ports"},
		{"", "v1", "Service", "spec.ports"},
		{"stable.example.com", "v1", "CronTab", "spec.cronSpec"},
		{"stable.example.com", "v1", "CronTab", "spec.ports"},
	} {
		kind := schema.GroupVersionKind{Group: asked.group, Version: asked.version, Kind: asked.kind}
		found := resources.LookupResource(kind)
		if found == nil {
			return fmt.Errorf("%s is not in it", kind)
		}
		for _, name := range strings.Split(asked.path, ".") {
			if found, err = member(found, name); err != nil {
				return fmt.Errorf("%s %s: %w", asked.kind, asked.path, err)
			}
		}
		extensions := found.GetExtensions()
		fmt.Println(asked.kind, asked.path, extensions["x-kubernetes-patch-strategy"], extensions["x-kubernetes-patch-merge-key"],
			extensions["x-kubernetes-list-map-keys"], resources.GetConsumes(kind, "PATCH"))
	}
	return nil
}

func member(of proto.Schema, name string) (proto.Schema, error) {
	switch one := of.(type) {
	case proto.Reference:
		return member(one.SubSchema(), name)
	case *proto.Array:
		return member(one.SubType, name)
	case *proto.Kind:
		if field := one.Fields[name]; field != nil {
			return field, nil
		}
	}
	return nil, fmt.Errorf("no %s in %T", name, of)
}
