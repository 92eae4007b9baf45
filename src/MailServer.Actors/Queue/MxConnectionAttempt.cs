using System.Net;
using MailServer.Domain.Delivery;
using MailServer.Domain.Reports;
using MailServer.Network.Outbound;
using MailServer.Network.Tls;
using MailServer.Protocol.Smtp.Client;
using MailServer.Protocol.TransportSecurity;

namespace MailServer.Actors.Queue;

/// <summary>
/// One connection attempt to a host under its TLS policy. Under opportunistic TLS a failed handshake is followed by a second connection without TLS (RFC
/// 7435). Reports the TLS result to the domain owner (RFC 8460).
/// </summary>
internal sealed class MxConnectionAttempt(QueueServices services, Destination destination, string host, HostTlsPolicy policy)
{
    public static readonly SmtpReply NoAddress = new(550, "5.4.4", "The domain's mail exchangers have no address");

    private static readonly SmtpReply Loop = new(554, "5.4.6", "The domain's mail exchanger is this server, which does not host the domain");

    private IPAddress? _remote;
    private IPAddress? _local;

    // The administrator may choose any address for a relay host; a recipient's domain may not.
    private AddressRule Rule => destination.Relay is null ? services.Options.AddressRule : AddressRule.None;

    public async Task<DestinationConnection> ConnectAsync()
    {
        if (policy.Refusal is { } refusal)
        {
            Note(policy.FailureResultType ?? TlsReportResultType.Other, refusal.Text);
            return new DestinationConnection(null, refusal, host);
        }

        try
        {
            return await MeetAsync(policy.Level == TlsSecurityLevel.WhenOffered ? SmtpTlsPolicy.WhenOffered : SmtpTlsPolicy.Required, null);
        }
        catch (TlsException e)
        {
            Note(TlsReportResultType.Of(e.Fault), e.Message);
            return policy.Level == TlsSecurityLevel.WhenOffered ? await InTheClearAsync(e) : new DestinationConnection(null, RefusalOf(e), host);
        }
        catch (Exception e) when (ReplyFor(e) is not null)
        {
            return new DestinationConnection(null, ReplyFor(e), host);
        }
    }

    private async Task<DestinationConnection> InTheClearAsync(TlsException reason)
    {
        try
        {
            return await MeetAsync(SmtpTlsPolicy.Never, reason);
        }
        catch (Exception e) when (ReplyFor(e) is not null)
        {
            return new DestinationConnection(null, ReplyFor(e), host);
        }
    }

    private async Task<DestinationConnection> MeetAsync(SmtpTlsPolicy tls, TlsException? before)
    {
        var connection = await services.Connector.ConnectAsync(host, destination.Relay?.Port ?? services.Options.Port, Rule, services.Options.ConnectTimeout, CancellationToken.None);
        (_remote, _local) = (connection.Remote.Address, connection.Local?.Address);
        var options = new SmtpClientOptions
        {
            HeloName = services.Hostname,
            TlsPolicy = tls,
            Credentials = destination.Relay?.Credentials,
            PlaintextAuth = services.Options.RelayPlaintextAuth,
        };
        var check = new PeerRequirements { Names = policy.CertificateNames, Tlsa = policy.TlsaRecords, Required = policy.Level == TlsSecurityLevel.Verified };
        var signOn = await OutboundSession.SignOnAsync(connection, host, services.Options.CommandTimeout, options, check, destination.Relay is { ImplicitTls: true });
        if (before is null) NoteSignOn(signOn, connection.Peer);
        if (signOn.Session is not { } session) return new DestinationConnection(null, RefusalOf(signOn), host);
        if (policy.RequireTls && !signOn.OffersRequireTls)
        {
            await session.QuitAsync();
            return new DestinationConnection(null, HostTlsPolicy.RequireTlsReply($"{host} does not offer it"), host);
        }

        session.Tls = before is null ? TlsDescription.Of(connection.Tls, connection.Peer, policy) : TlsDescription.AfterFailure(before);
        return new DestinationConnection(session, null, host);
    }

    // A host that fails the domain's TLS policy does not cancel it: the message is deferred. If the sender requested TLS, the message fails immediately.
    private SmtpReply RefusalOf(TlsException e) => policy.RequireTls && e.Failure is TlsFailure.Certificate or TlsFailure.Handshake
        ? HostTlsPolicy.RequireTlsReply(e.Message)
        : new SmtpReply(451, "4.7.5", $"{TlsDescription.NameOf(policy)}: {e.Message}");

    private SmtpReply RefusalOf(SignOnResult signOn)
    {
        if (!signOn.LacksTls) return AsTransient(signOn.Refusal!);
        return policy.RequireTls
            ? HostTlsPolicy.RequireTlsReply($"{host} does not offer TLS")
            : new SmtpReply(451, "4.7.5", $"{TlsDescription.NameOf(policy)}: {host} does not offer TLS");
    }

    private SmtpReply? ReplyFor(Exception e) => e switch
    {
        OutboundException { Failure: OutboundFailure.HostUnknown } when destination.Relay is null => NoAddress,
        OutboundException { Failure: OutboundFailure.Loop } => Loop,
        OutboundException { Failure: OutboundFailure.Forbidden } => new SmtpReply(550, destination.Domain[0] == '[' ? "5.1.2" : "5.4.4", e.Message),
        OutboundException => new SmtpReply(451, "4.4.1", e.Message),
        OperationCanceledException => new SmtpReply(451, "4.4.2", "The host did not answer in time"),
        IOException => new SmtpReply(451, "4.4.2", "The host closed the connection"),
        _ => null,
    };

    private static SmtpReply AsTransient(SmtpReply reply) => reply.Code < 500
        ? reply
        : new SmtpReply(reply.Code - 100, reply.EnhancedCode.StartsWith('5') ? "4" + reply.EnhancedCode[1..] : "4.3.2", reply.Text);

    private void NoteSignOn(SignOnResult signOn, PeerVerdict? peer)
    {
        if (signOn.LacksTls) Note(TlsReportResultType.NotSupported, $"{host} does not offer STARTTLS");
        // Another error ended the session before STARTTLS.
        else if (peer is null) return;
        else if (policy.FailureResultType is { } fault) Note(fault, null);
        else if (policy.Type == TlsPolicyType.Sts && peer.Fault is { } distrust) Note(TlsReportResultType.Of(distrust), peer.Detail);
        else Note(null, null);
    }

    private void Note(string? failure, string? information)
    {
        if (destination.Relay is not null || destination.Domain[0] == '[') return;
        services.Reports.Record(new TlsObservation
        {
            At = services.Time.GetUtcNow(),
            PolicyDomain = destination.Domain,
            PolicyType = policy.Type,
            PolicyStrings = policy.PolicyStrings,
            MxPatterns = policy.MxPatterns,
            Failure = failure,
            MxHost = host,
            ReceivingAddress = _remote,
            SendingAddress = _local,
            Information = information,
        });
    }
}
