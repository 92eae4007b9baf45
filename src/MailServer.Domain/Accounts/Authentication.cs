namespace MailServer.Domain.Accounts;

/// <summary>A request from a session to the authentication service, for any protocol and mechanism.</summary>
public abstract record AuthenticationRequest
{
    private AuthenticationRequest() { }

    /// <summary>Checks a password (PLAIN, LOGIN, IMAP LOGIN, HTTP Basic). <paramref name="AuthorizeAs"/> is the SASL authzid; null if not sent.</summary>
    public sealed record CheckPassword(string Login, string? AuthorizeAs, string Password) : AuthenticationRequest
    {
        /// <summary>Omits the password, because the text may reach a log.</summary>
        public override string ToString() => $"CheckPassword {{ Login = {Login} }}";
    }

    /// <summary>First step of SCRAM-SHA-256: requests the keys for verifying a proof. An unknown login receives keys that match no password.</summary>
    public sealed record FindScramKeys(string Login) : AuthenticationRequest;

    /// <summary>Last step of SCRAM-SHA-256: reports the result of the exchange, so that the service counts failures.</summary>
    public sealed record ReportScramResult(string Login, bool Succeeded) : AuthenticationRequest
    {
        /// <summary>The keys with which the proof was verified.</summary>
        public ScramKeys? Keys { get; init; }

        /// <summary>Omits the keys, because the text may reach a log.</summary>
        public override string ToString() => $"ReportScramResult {{ Login = {Login}, Succeeded = {Succeeded} }}";
    }
}

/// <summary>A reply to an <see cref="AuthenticationRequest"/>.</summary>
public abstract record AuthenticationReply
{
    private AuthenticationReply() { }

    /// <summary>Authentication succeeded; the session acts for <paramref name="Account"/>.</summary>
    public sealed record Accepted(Account Account) : AuthenticationReply
    {
        /// <summary>The credential that was used; null if it cannot be revoked.</summary>
        public CredentialFingerprint? Credential { get; init; }
    }

    /// <summary>Wrong login or password, or a disabled account. The reply and its timing are the same for all three.</summary>
    public sealed record Rejected : AuthenticationReply;

    /// <summary>The check failed temporarily (454 4.7.0, NO [UNAVAILABLE]).</summary>
    public sealed record Unavailable : AuthenticationReply;

    /// <summary>Keys for SCRAM. <paramref name="Account"/> is null if the login does not exist; the exchange must then fail at its end.</summary>
    public sealed record ScramKeysFound(ScramKeys Scram, Account? Account) : AuthenticationReply;
}
