using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using MailServer.Actors.Cluster;
using MailServer.Configuration;

namespace MailServer.Hosting;

/// <summary>How this node takes part in a cluster, from its configuration.</summary>
internal static class ClusterParts
{
    // Who does not renew it for so long has lost it.
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(4);

    /// <summary>Null without a cluster.</summary>
    public static ClusterServices? Compose(MailServerOptions options)
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
            Certificate = cluster.TlsCertFile is null ? null : Certificate(cluster.TlsCertFile, cluster.TlsKeyFile!),
            Authorities = cluster.TlsCaFile is null ? [] : Authorities(cluster.TlsCaFile),
            LargeDirectory = Path.Combine(options.Storage.DataDir, "wire"),
            Hocon = [ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "cluster.conf"))), DatabaseLease.Configuration(cluster.ReadConnection(), s_lease)],
        };
    }

    private static X509Certificate2 Certificate(string certificate, string key)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        // The transport wants a key that it can use again and again.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pfx), null);
    }

    private static X509Certificate2Collection Authorities(string file)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(file);
        return found;
    }
}
