using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>
/// The server's side of one authentication exchange (RFC 4422). SMTP, IMAP and ManageSieve each carry its challenges in their own way:
/// octets here are raw, never base64.
/// </summary>
public interface ISaslMechanism
{
    /// <summary>Begins; <paramref name="initialResponse"/> is null when the client sent none, empty when it sent <c>=</c>.</summary>
    SaslStep Start(ReadOnlyMemory<byte>? initialResponse);

    /// <summary>The client's response to a <see cref="SaslStep.Challenge"/>.</summary>
    SaslStep Next(ReadOnlyMemory<byte> response);

    /// <summary>The authentication service's answer to a <see cref="SaslStep.Ask"/>.</summary>
    SaslStep Answer(AuthenticationReply reply);
}

/// <summary>What the protocol session has to do next in an exchange.</summary>
public abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send <paramref name="Octets"/> and give the response to <see cref="ISaslMechanism.Next"/>.</summary>
    public sealed record Challenge(ReadOnlyMemory<byte> Octets) : SaslStep;

    /// <summary>Put <paramref name="Request"/> to the authentication service and give its answer to <see cref="ISaslMechanism.Answer"/>.</summary>
    public sealed record Ask(AuthenticationRequest Request) : SaslStep;

    /// <summary>The exchange is over: the client acts for <paramref name="Account"/>.</summary>
    public sealed record Succeeded(Account Account) : SaslStep;

    /// <summary>The exchange is over: not authenticated, or (<paramref name="Temporary"/>) not decided.</summary>
    public sealed record Failed(bool Temporary) : SaslStep;

    /// <summary>The exchange is over: what the client sent is not of the mechanism's grammar or too long.</summary>
    public sealed record Malformed : SaslStep;
}
