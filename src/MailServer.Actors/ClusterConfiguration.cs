using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using MailServer.Actors.Cluster;
using MailServer.Actors.Entities;
using MailServer.Actors.Serialization;
using MailServer.Network.NodeLinks;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors;

/// <summary>Configures the actor system as a cluster node.</summary>
public static partial class ClusterConfiguration
{
    /// <summary>Does nothing when clustering is disabled.</summary>
    public static AkkaConfigurationBuilder AddClusterIfEnabled(this AkkaConfigurationBuilder builder, NodeServices node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Cluster is { } cluster ? builder.AddCluster(cluster, node.MaildirDirectory, node.Loggers) : builder;
    }

    /// <summary>Adds settings that the configuration files cannot contain: names, addresses, certificates and the codecs of all messages.</summary>
    private static AkkaConfigurationBuilder AddCluster(this AkkaConfigurationBuilder builder, ClusterServices cluster, string maildirDirectory, ILoggerFactory loggers)
    {
        var links = Links(cluster, loggers);
        builder.AddHocon(Configuration(cluster), HoconAddMode.Prepend);
        foreach (var more in cluster.Hocon) builder.AddHocon(more, HoconAddMode.Append);
        // The libraries add their defaults on first use, which is too late for those that read each other's settings.
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
        foreach (var type in WireCodecs.All.Select(static f => f.Type).Distinct()) bindings.Append(CultureInfo.InvariantCulture, $"      \"{type.AssemblyQualifiedName}\" = wire\n");
        var (refused, identifiers) = (new StringBuilder(), new StringBuilder());
        foreach (var (name, id) in RefusingSerializer.Replaced)
        {
            refused.Append(CultureInfo.InvariantCulture, $"      {name} = \"{typeof(RefusingSerializer).AssemblyQualifiedName}\"\n");
            identifiers.Append(CultureInfo.InvariantCulture, $"      {name}.id = {id}\n");
        }

        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            {{OfferMailbox.Hocon}}
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
                roles = ["{{cluster.Role}}", "node-{{cluster.Node}}", "{{ClusterNames.CurrentWire}}"]
                # MembershipActor decides which cluster to join.
                seed-nodes = []
              }
            }
            """));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a connection from another node: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
