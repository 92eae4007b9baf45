using System.Globalization;
using System.Text;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Hosting;
using Akka.Remote.Transport.DotNetty;
using MailServer.Actors.Serialization;

namespace MailServer.Actors.Cluster;

/// <summary>Makes the actor system of a node one of a cluster.</summary>
public static class ClusterStart
{
    /// <summary>Does nothing where there is none.</summary>
    public static AkkaConfigurationBuilder AddClusterOf(this AkkaConfigurationBuilder builder, NodeServices node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Cluster is { } cluster ? builder.AddCluster(cluster, node.MaildirDirectory) : builder;
    }

    /// <summary>Adds what the configuration files cannot know: names, addresses, certificates and the forms of all messages.</summary>
    private static AkkaConfigurationBuilder AddCluster(this AkkaConfigurationBuilder builder, ClusterServices cluster, string maildirDirectory)
    {
        builder.AddHocon(Configuration(cluster), HoconAddMode.Prepend);
        foreach (var more in cluster.Hocon) builder.AddHocon(more, HoconAddMode.Append);
        // The libraries add their own when they are first asked, which is too late for those that look into each other's.
        builder.AddHocon(Defaults(), HoconAddMode.Append);
        builder.AddSetup(new WireSetup(new WireFolders(maildirDirectory, cluster.LargeDirectory, cluster.Node)));
        if (cluster.Certificate is { } certificate)
            builder.AddSetup(new DotNettySslSetup(certificate, suppressValidation: false, requireMutualAuthentication: true, new NodeCertificates(cluster.Authorities).IsOfNode));
        return builder;
    }

    internal static Config Defaults() => ClusterSingleton.DefaultConfig().WithFallback(ClusterSharding.DefaultConfig()).WithFallback(DistributedData.DefaultConfig());

    internal static Config Configuration(ClusterServices cluster)
    {
        var seeds = string.Join(", ", cluster.Seeds.Select(static s => string.Create(CultureInfo.InvariantCulture, $"\"akka.{{0}}://mailserver@{s.Host}:{s.Port}\"")));
        var scheme = cluster.Certificate is null ? "tcp" : "ssl.tcp";
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
              remote.dot-netty.tcp {
                hostname = "{{cluster.Listen}}"
                public-hostname = "{{cluster.PublicAddress}}"
                port = {{cluster.Port}}
                enable-ssl = {{(cluster.Certificate is null ? "off" : "on")}}
              }
              cluster {
                roles = ["{{cluster.Role}}", "node-{{cluster.Node}}"]
                seed-nodes = [{{seeds.Replace("{0}", scheme, StringComparison.Ordinal)}}]
              }
            }
            """));
    }
}
