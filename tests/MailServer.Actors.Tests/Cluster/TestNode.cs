using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using MailServer.Actors.Cluster;
using MailServer.Actors.Queue;
using MailServer.Actors.Serialization;
using MailServer.Network.NodeLinks;
using MailServer.Storage.Postgres;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>Actor systems configured like nodes of a cluster, on the loopback interface.</summary>
internal static class TestNode
{
    /// <param name="large">Directory for large messages.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="settings">Settings that override those of a node.</param>
    public static ActorSystemSetup Setup(string large, string node, string settings = "")
    {
        var services = new ClusterServices
        {
            Node = node,
            Listen = IPAddress.Loopback,
            PublicAddress = "127.0.0.1",
            Port = 0,
            Seeds = [],
            Role = "mail",
            Identity = null,
            CurrentCluster = new NoCurrentCluster(),
            LargeDirectory = large,
            Hocon = [],
        };
        // The split-brain resolver needs a database.
        var config = ConfigurationFactory.ParseString(settings + "\nakka.cluster.downing-provider-class = \"\", akka.loglevel = OFF, akka.stdout-loglevel = OFF")
            .WithFallback(ClusterConfiguration.Configuration(services))
            .WithFallback(ConfigurationFactory.ParseString(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "cluster.conf"))))
            .WithFallback(ConfigurationFactory.ParseString(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "mailserver.conf"))))
            .WithFallback(QueueJournal.Configuration("Data Source=:memory:"))
            .WithFallback(ClusterConfiguration.Defaults()).WithFallback(Akka.Persistence.Persistence.DefaultConfig());
        return ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new WireSetup(new WireFolders(Path.GetTempPath(), large, node)),
            new NodeTransportSetup(new NodeLinkOptions { Listen = IPAddress.Loopback, Port = 0 }, "127.0.0.1"));
    }

    /// <summary>Test nodes join without a database.</summary>
    private sealed class NoCurrentCluster : ICurrentClusterRegistry
    {
        public Task<string?> FindAsync(CancellationToken cancel) => Task.FromResult<string?>(null);

        public Task<bool> HoldAsync(string member, IReadOnlyCollection<string> known, CancellationToken cancel) => Task.FromResult(true);

        public Task ReleaseAsync(string member, CancellationToken cancel) => Task.CompletedTask;
    }
}
