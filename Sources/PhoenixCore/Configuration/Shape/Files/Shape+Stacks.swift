extension Shape {
  /// phoenix_stacks_config.json
  static let stacks = Shape.object([
    ShapeKey("docker_stacks", .map(.stackName, stack), "The stacks by their names.")
  ])

  /// stacks/NAME/phoenix.json
  static let stack = Shape.object([
    ShapeKey("description", .lines, "For people."),
    ShapeKey("name", .name, "Carried; the stack's name is its key."),
    ShapeKey("compose_file_path", .text(.path), "Compose file; default stacks/NAME/docker-compose.yml."),
    ShapeKey(
      "nginx_proxy",
      .object([ShapeKey("hostname", .text(.hostName), "Name at the gateway.", isRequired: true)]),
      "A name at the gateway."),
    ShapeKey(
      "environments",
      .object([
        ShapeKey("production", environment, "The default."),
        ShapeKey("testing", environment, "For tests."),
        ShapeKey("development", environment, "For development."),
      ]), "What differs by environment. In the swarm the stack is called ENVIRONMENT_NAME."),
  ])

  private static let environment = Shape.object([
    ShapeKey(
      "variables",
      .array(
        .object([
          ShapeKey("name", .name, "Name of the variable.", isRequired: true),
          ShapeKey("value", .lines, "Its value.", isRequired: true, isSecret: true),
        ])), "Variables of the compose file."),
    ShapeKey(
      "files",
      .array(
        .object([
          ShapeKey("source", .text(.path), "File, relative to this directory or a share.", isRequired: true),
          ShapeKey(
            "destination_in_container", .text(.absolutePath), "Where the container sees it.", isRequired: true
          ),
        ])), "Files for the containers."),
    ShapeKey(
      "services",
      .map(
        .name, .object([ShapeKey("traefik_labels", .array(.text(.keyValue)), "Labels for Traefik, k=v.")])),
      "What the services have beyond the compose file."),
    ShapeKey("firewall_rules", .array(firewallRule), "Rules of the guests that run the stack."),
  ])
}
