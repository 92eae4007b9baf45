using Akka.Configuration;
using MailServer.Actors.Cluster;
using MailServer.Configuration;
using MailServer.Domain.Health;
using Microsoft.Extensions.Logging;

namespace MailServer.Hosting;

/// <summary>Creates the cluster services of this node from its configuration.</summary>
internal static class ClusterServicesFactory
{
    // A lease that is not renewed within this time is lost.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);

    /// <summary>Returns null when clustering is not enabled.</summary>
    public static ClusterServices? Compose(MailServerOptions options, SharedStores shared, NodeProblems problems, ILoggerFactory loggers)
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
            CurrentCluster = shared.CurrentCluster(ClusterServices.RecordLifetime),
            LargeDirectory = Path.Combine(options.Storage.DataDir, "wire"),
            Hocon = [ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "cluster.conf"))), DatabaseLease.Configuration(cluster.ReadConnection(), Lease)],
        };
    }
}
