using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Serialization;
using MailServer.Network.NodeLinks;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors;

/// <summary>Makes the actor system of a node one of a cluster.</summary>
public static partial class ClusterStart
{
    /// <summary>Does nothing where there is none.</summary>
    public static AkkaConfigurationBuilder AddClusterOf(this AkkaConfigurationBuilder builder, NodeServices node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Cluster is { } cluster ? builder.AddCluster(cluster, node.MaildirDirectory, node.Loggers) : builder;
    }

    /// <summary>Adds what the configuration files cannot know: names, addresses, certificates and the forms of all messages.</summary>
    private static AkkaConfigurationBuilder AddCluster(this AkkaConfigurationBuilder builder, ClusterServices cluster, string maildirDirectory, ILoggerFactory loggers)
    {
        var links = Links(cluster, loggers);
        builder.AddHocon(Configuration(cluster), HoconAddMode.Prepend);
        foreach (var more in cluster.Hocon) builder.AddHocon(more, HoconAddMode.Append);
        // The libraries add their own when they are first asked, which is too late for those that look into each other's.
        builder.AddHocon(Defaults(), HoconAddMode.Append);
        builder.AddSetup(new WireSetup(new WireFolders(maildirDirectory, cluster.LargeDirectory, cluster.Node)));
        builder.AddSetup(new NodeTransportSetup(links, cluster.PublicAddress));
        return builder;
    }

    internal static Config Defaults() => ClusterSingleton.DefaultConfig().WithFallback(ClusterSharding.DefaultConfig()).WithFallback(DistributedData.DefaultConfig());

    private static NodeLinkOptions Links(ClusterServices cluster, ILoggerFactory loggers)
    {
        var log = loggers.CreateLogger<NodeListener>();
        return new NodeLinkOptions { Listen = cluster.Listen, Port = cluster.Port, Identity = cluster.Identity, Refused = reason => LogRefused(log, reason) };
    }

    internal static Config Configuration(ClusterServices cluster)
    {
        var bindings = new StringBuilder();
        foreach (var type in WireForms.All.Select(static f => f.Type).Distinct()) bindings.Append(CultureInfo.InvariantCulture, $"      \"{type.AssemblyQualifiedName}\" = wire\n");
        var (refused, identifiers) = (new StringBuilder(), new StringBuilder());
        foreach (var (name, id) in RefusingSerializer.Replaced)
        {
            refused.Append(CultureInfo.InvariantCulture, $"      {name} = \"{typeof(RefusingSerializer).AssemblyQualifiedName}\"\n");
            identifiers.Append(CultureInfo.InvariantCulture, $"      {name}.id = {id}\n");
        }

        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor {
                serializers.wire = "{{typeof(WireSerializer).AssemblyQualifiedName}}"
                serializers {
            {{refused}}
                }
                serialization-settings {
            {{identifiers}}
                }
                serialization-identifiers {
                  "{{typeof(WireSerializer).AssemblyQualifiedName}}" = {{WireSerializer.Id}}
                }
                serialization-bindings {
            {{bindings}}
                }
              }
              remote.enabled-transports = ["{{NodeTransport.ConfigPath}}"]
              remote.node-link {
                transport-class = "{{typeof(NodeTransport).AssemblyQualifiedName}}"
                applied-adapters = []
              }
              cluster {
                roles = ["{{cluster.Role}}", "node-{{cluster.Node}}"]
                # MembershipActor decides which cluster to join.
                seed-nodes = []
              }
            }
            """));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection between nodes is refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
