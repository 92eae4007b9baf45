using Akka.Configuration;
using MailServer.Actors.Cluster;
using MailServer.Configuration;
using MailServer.Domain.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>How this node takes part in a cluster, from its configuration.</summary>
internal static class ClusterParts
{
    // Who does not renew it for so long has lost it.
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(4);

    /// <summary>Null without a cluster.</summary>
    public static ClusterServices? Compose(MailServerOptions options, SharedParts shared, NodeProblems problems, ILoggerFactory loggers)
    {
        var cluster = options.Cluster;
        if (!cluster.Enabled) return null;
        return new ClusterServices
        {
            Node = cluster.NodeName,
            Listen = cluster.Listen,
            PublicAddress = cluster.PublicAddress ?? cluster.Listen.ToString(),
            Port = cluster.Port,
            Seeds = [.. cluster.Seeds.Select(static s => (s.Host, s.Port))],
            Role = cluster.Role,
            Identity = cluster.TlsCertFile is null
                ? null
                : new NodeIdentityFiles(cluster.TlsCertFile, cluster.TlsKeyFile!, cluster.TlsCaFile!, problems, TimeProvider.System, loggers.CreateLogger<NodeIdentityFiles>()).Current,
            CurrentCluster = shared.CurrentCluster(ClusterServices.NoteLives),
            LargeDirectory = Path.Combine(options.Storage.DataDir, "wire"),
            Hocon = [ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "cluster.conf"))), DatabaseLease.Configuration(cluster.ReadConnection(), s_lease)],
        };
    }
}
