using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>
/// Resolves the hosts of a destination and opens a session with the first one that accepts under the domain's TLS policy. The failure of a host is always
/// temporary, whatever it replied; the absence of any host can be permanent.
/// </summary>
internal sealed class DestinationConnector(QueueServices services, Destination destination)
{
    private static readonly DaneLookupResult SwitchedOff = new DaneLookupResult.NotApplicable("switched off");

    public async Task<DestinationConnection> ConnectAsync()
    {
        if (destination.Relay is not null) return await new MxConnectionAttempt(services, destination, destination.Relay.Host, RelayPolicy()).ConnectAsync();
        var route = await MailRoute.FindAsync(destination.Domain, services.Hostname, services.Dns, services.Limits.MailExchangers, CancellationToken.None);
        if (route.Refusal is { } refusal) return new DestinationConnection(null, refusal, "");
        var facts = await FactsAsync(route);
        var last = new DestinationConnection(null, MxConnectionAttempt.NoAddress, "");
        foreach (var host in route.Hosts)
        {
            var policy = HostTlsPolicy.Decide(facts, host, await DaneAsync(facts, host));
            var opened = await new MxConnectionAttempt(services, destination, host, policy).ConnectAsync();
            if (opened.Session is not null) return opened;
            // The result of a host that was reached, or can be later, is more useful than that of a host without an address.
            if (opened.Refusal!.IsTransient || last.Refusal == MxConnectionAttempt.NoAddress) last = opened;
        }

        return last;
    }

    private async Task<DestinationTlsContext> FactsAsync(MailRoute route)
    {
        var isDomain = destination.Domain[0] != '[' && destination.TlsRequirement != MessageTlsRequirement.Optional;
        var sts = isDomain ? await services.MtaSts.FindAsync(destination.Domain, CancellationToken.None) : MtaStsResult.NoPolicy;
        if (sts.Failure is not null) NoteFailed(sts);
        return new DestinationTlsContext
        {
            Domain = destination.Domain,
            Requirement = destination.TlsRequirement,
            ExchangesAreSecure = route.IsSecure,
            StsPolicy = sts.Policy,
            RequireEncryption = services.Options.RequireTls,
        };
    }

    private async Task<DaneLookupResult> DaneAsync(DestinationTlsContext facts, string host) => services.Dane is { } dane && facts.Requirement != MessageTlsRequirement.Optional
        ? await dane.FindAsync(host, services.Options.Port, facts.ExchangesAreSecure, CancellationToken.None)
        : SwitchedOff;

    private HostTlsPolicy RelayPolicy()
    {
        // A mail exchanger's name comes from DNS, which may be forged; a relay host's name comes from the configuration, so its certificate can
        // authenticate it.
        var demand = services.Options switch
        {
            { RequireTls: false } => destination.Relay!.ImplicitTls ? TlsSecurityLevel.Encrypted : TlsSecurityLevel.WhenOffered,
            { VerifyTls: true } => TlsSecurityLevel.Verified,
            _ => TlsSecurityLevel.Encrypted,
        };
        return HostTlsPolicy.ForRelay(destination.Relay!.Host, demand, destination.TlsRequirement);
    }

    /// <summary>The policy could not be fetched: reported for the domain, not for a host (RFC 8460 §4.3.2.2).</summary>
    private void NoteFailed(MtaStsResult answer) => services.Reports.Record(new TlsObservation
    {
        At = services.Time.GetUtcNow(),
        PolicyDomain = destination.Domain,
        PolicyType = TlsPolicyType.Sts,
        PolicyStrings = answer.Policy?.Lines ?? [],
        MxPatterns = answer.Policy?.MxPatterns ?? [],
        Failure = answer.Failure,
        Information = answer.Steps.Count > 0 ? answer.Steps[^1] : null,
    });
}

/// <summary>A session, or the reason why there is none.</summary>
internal sealed record DestinationConnection(OutboundSession? Session, SmtpReply? Refusal, string Host) : Akka.Actor.INoSerializationVerificationNeeded;
