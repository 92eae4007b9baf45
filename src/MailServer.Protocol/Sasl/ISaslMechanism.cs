using MailServer.Domain.Accounts;

namespace MailServer.Protocol.Sasl;

/// <summary>The server side of one authentication exchange (RFC 4422). Octets here are raw, never base64: each protocol encodes challenges and responses itself.</summary>
public interface ISaslMechanism
{
    /// <summary>Starts the exchange. <paramref name="initialResponse"/> is null when the client sent none, and empty when it sent <c>=</c>.</summary>
    SaslStep Start(ReadOnlyMemory<byte>? initialResponse);

    /// <summary>Processes the client's response to a <see cref="SaslStep.Challenge"/>.</summary>
    SaslStep Next(ReadOnlyMemory<byte> response);

    /// <summary>Processes the authentication service's reply to a <see cref="SaslStep.RequestAuthentication"/>.</summary>
    SaslStep Answer(AuthenticationReply reply);
}

/// <summary>The next action of the protocol session in an exchange.</summary>
public abstract record SaslStep
{
    private SaslStep() { }

    /// <summary>Send <paramref name="Octets"/> and pass the response to <see cref="ISaslMechanism.Next"/>.</summary>
    public sealed record Challenge(ReadOnlyMemory<byte> Octets) : SaslStep
    {
        /// <summary>
        /// The client has nothing to add: the exchange has succeeded, and the octets prove the server. Protocols whose success can carry data send them with it and pass an empty
        /// response; others wait for the client's empty response (RFC 4422 §3.6).
        /// </summary>
        public bool IsFinal { get; init; }
    }

    /// <summary>Send <paramref name="Request"/> to the authentication service and pass its reply to <see cref="ISaslMechanism.Answer"/>.</summary>
    public sealed record RequestAuthentication(AuthenticationRequest Request) : SaslStep;

    /// <summary>The exchange succeeded: the client is authenticated as <paramref name="Account"/>.</summary>
    public sealed record Succeeded(Account Account) : SaslStep;

    /// <summary>The exchange failed: wrong credentials or, if <paramref name="Temporary"/>, a temporary error.</summary>
    public sealed record Failed(bool Temporary) : SaslStep;

    /// <summary>The exchange failed: the client's message is malformed or too long.</summary>
    public sealed record Malformed : SaslStep;
}
