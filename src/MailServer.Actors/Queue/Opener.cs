using MailServer.Domain.Delivery;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>
/// Finds the hosts of a destination and opens a session with the first that takes one. A host that cannot be used is a temporary matter
/// whatever it said; that there is no host can be final.
/// </summary>
internal sealed class Opener(QueueServices services, Destination destination)
{
    private static readonly SmtpReply NoAddress = new(550, "5.4.4", "The domain's mail exchangers have no address");

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
        if (destination.Relay is { } relay) return await TryHostAsync(relay.Host, relay.Port);
        var route = await MailRoute.FindAsync(destination.Name, services.Hostname, services.Dns, services.Limits.MailExchangers, CancellationToken.None);
        if (route.Refusal is { } refusal) return new Opened(null, refusal, "");
        var last = new Opened(null, NoAddress, "");
        foreach (var host in route.Hosts)
        {
            var opened = await TryHostAsync(host, services.Options.Port);
            if (opened.Session is not null) return opened;
            // A host that was reached, or may be later, says more than one without an address.
            if (opened.Refusal!.IsTransient || last.Refusal == NoAddress) last = opened;
        }

        return last;
    }

    private async Task<Opened> TryHostAsync(string host, int port)
    {
        var required = services.Options.RequireTls;
        try
        {
            return await SignOnAsync(host, port, required ? SmtpTlsPolicy.Required : SmtpTlsPolicy.WhenOffered);
        }
        catch (TlsException) when (!required)
        {
            return await InTheClearAsync(host, port);
        }
        catch (Exception e) when (ReplyFor(e) is not null)
        {
            return new Opened(null, ReplyFor(e), host);
        }
    }

    // RFC 7435: a handshake that fails is no worse than none being offered.
    private async Task<Opened> InTheClearAsync(string host, int port)
    {
        try
        {
            return await SignOnAsync(host, port, SmtpTlsPolicy.Never);
        }
        catch (Exception e) when (ReplyFor(e) is not null)
        {
            return new Opened(null, ReplyFor(e), host);
        }
    }

    private async Task<Opened> SignOnAsync(string host, int port, SmtpTlsPolicy policy)
    {
        // A mail exchanger's name comes from DNS that anybody may have written: only a relay host's certificate proves something.
        var verify = destination.Relay is not null && services.Options is { RequireTls: true, VerifyTls: true };
        var (session, refusal) = await OutboundSession.OpenAsync(
            services.Connector, host, port, services.Options.ConnectTimeout, services.Options.CommandTimeout,
            new SmtpClientOptions
            {
                HeloName = services.Hostname,
                TlsPolicy = policy,
                Credentials = destination.Relay?.Credentials,
                PlaintextAuth = services.Options.RelayPlaintextAuth,
            },
            verify,
            implicitTls: destination.Relay is { ImplicitTls: true });
        return new Opened(session, refusal is null ? null : AsTransient(refusal), host);
    }

    private SmtpReply? ReplyFor(Exception e) => e switch
    {
        OutboundException { Failure: OutboundFailure.HostUnknown } when destination.Relay is null => NoAddress,
        OutboundException => new SmtpReply(451, "4.4.1", e.Message),
        TlsException => new SmtpReply(451, "4.7.5", $"TLS: {e.Message}"),
        OperationCanceledException => new SmtpReply(451, "4.4.2", "The host did not answer in time"),
        IOException => new SmtpReply(451, "4.4.2", "The host closed the connection"),
        _ => null,
    };

    private static SmtpReply AsTransient(SmtpReply reply) => reply.Code < 500
        ? reply
        : new SmtpReply(reply.Code - 100, reply.EnhancedCode.StartsWith('5') ? "4" + reply.EnhancedCode[1..] : "4.3.2", reply.Text);
}

/// <summary>A session, or why there is none.</summary>
internal sealed record Opened(OutboundSession? Session, SmtpReply? Refusal, string Host) : Akka.Actor.INoSerializationVerificationNeeded;
