using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Domain.TransportSecurity;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>
/// Resolves the hosts of a destination and opens a session with the first one that accepts under the domain's TLS policy. The failure of a host is always
/// temporary, whatever it replied; the absence of any host can be permanent.
/// </summary>
internal sealed class Opener(QueueServices services, Destination destination)
{
    private static readonly DaneAnswer SwitchedOff = new DaneAnswer.NotUsed("switched off");

    public async Task<Opened> OpenAsync()
    {
        await services.Slots.WaitAsync();
        var opened = new Opened(null, null, "");
        try
        {
            return opened = await TryHostsAsync();
        }
        finally
        {
            if (opened.Session is null) services.Slots.Release();
        }
    }

    public async Task CloseAsync(OutboundSession session)
    {
        try
        {
            await session.QuitAsync();
        }
        finally
        {
            services.Slots.Release();
        }
    }

    private async Task<Opened> TryHostsAsync()
    {
        if (destination.Relay is not null) return await new HostMeeting(services, destination, destination.Relay.Host, RelayPolicy()).TryAsync();
        var route = await MailRoute.FindAsync(destination.Domain, services.Hostname, services.Dns, services.Limits.MailExchangers, CancellationToken.None);
        if (route.Refusal is { } refusal) return new Opened(null, refusal, "");
        var facts = await FactsAsync(route);
        var last = new Opened(null, HostMeeting.NoAddress, "");
        foreach (var host in route.Hosts)
        {
            var policy = HostPolicy.Decide(facts, host, await DaneAsync(facts, host));
            var opened = await new HostMeeting(services, destination, host, policy).TryAsync();
            if (opened.Session is not null) return opened;
            // The result of a host that was reached, or can be later, is more useful than that of a host without an address.
            if (opened.Refusal!.IsTransient || last.Refusal == HostMeeting.NoAddress) last = opened;
        }

        return last;
    }

    private async Task<DomainFacts> FactsAsync(MailRoute route)
    {
        var isDomain = destination.Domain[0] != '[' && destination.Wish != TlsWish.Optional;
        var sts = isDomain ? await services.MtaSts.FindAsync(destination.Domain, CancellationToken.None) : MtaStsAnswer.Nothing;
        if (sts.Failure is not null) NoteFailed(sts);
        return new DomainFacts
        {
            Domain = destination.Domain,
            Wish = destination.Wish,
            ExchangesAreSecure = route.IsSecure,
            Sts = sts.Policy,
            MustEncrypt = services.Options.RequireTls,
        };
    }

    private async Task<DaneAnswer> DaneAsync(DomainFacts facts, string host) => services.Dane is { } dane && facts.Wish != TlsWish.Optional
        ? await dane.FindAsync(host, services.Options.Port, facts.ExchangesAreSecure, CancellationToken.None)
        : SwitchedOff;

    private HostPolicy RelayPolicy()
    {
        // A mail exchanger's name comes from DNS, which may be forged; a relay host's name comes from the configuration, so its certificate can
        // authenticate it.
        var demand = services.Options switch
        {
            { RequireTls: false } => destination.Relay!.ImplicitTls ? TlsDemand.Encrypted : TlsDemand.WhenOffered,
            { VerifyTls: true } => TlsDemand.Verified,
            _ => TlsDemand.Encrypted,
        };
        return HostPolicy.ForRelay(destination.Relay!.Host, demand, destination.Wish);
    }

    /// <summary>The policy could not be fetched: reported for the domain, not for a host (RFC 8460 §4.3.2.2).</summary>
    private void NoteFailed(MtaStsAnswer answer) => services.Reports.Record(new TlsObservation
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
internal sealed record Opened(OutboundSession? Session, SmtpReply? Refusal, string Host) : Akka.Actor.INoSerializationVerificationNeeded;
