using Akka.Actor;
using Akka.Hosting;
using MailServer.Domain.Certificates;
using MailServer.Network.Certificates;

namespace MailServer.Actors.Certificates;

/// <summary>Certificates for the admin API: ordered by ACME, loaded from files or self-signed.</summary>
public sealed class CertificateAdministration(ActorRegistry actors, CertificateSelector selector)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<CertificateStatus>> ListAsync(CancellationToken cancel)
    {
        var managed = actors.TryGet<CertificateActor>(out var actor)
            ? (await actor.Ask<CertificateProtocol.CertificateList>(new CertificateProtocol.ListCertificates(), Patience, cancel)).Certificates
            : [];
        // Until the first certificate is issued, clients get the self-signed one.
        var isShown = managed is [{ Facts: not null }, ..];
        return isShown ? managed : [Describe(selector.Sources[0]), .. managed];
    }

    /// <summary>Starts renewals; returns how many certificates are being ordered.</summary>
    public async Task<int> RenewAsync(string? name, CancellationToken cancel) => actors.TryGet<CertificateActor>(out var actor)
        ? (await actor.Ask<CertificateProtocol.RenewalStarted>(new CertificateProtocol.Renew(name), Patience, cancel)).Count
        : 0;

    /// <summary>Reloads certificates from files immediately; also called on SIGHUP. Empty when certificates do not come from files.</summary>
    public IReadOnlyList<CertificateReloadResult> Reload() => [.. selector.Sources.OfType<FileCertificateSource>().Select(static s => s.Refresh())];

    private static CertificateStatus Describe(ICertificateSource source)
    {
        var facts = CertificateReader.Of(source.Current);
        return new CertificateStatus(facts.Names[0], facts) { Source = source is FileCertificateSource ? "file" : "self-signed" };
    }
}
