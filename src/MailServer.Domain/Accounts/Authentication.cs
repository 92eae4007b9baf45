namespace MailServer.Domain.Accounts;

/// <summary>What a session asks of the one authentication service, whatever its protocol and mechanism.</summary>
public abstract record AuthenticationRequest
{
    private AuthenticationRequest() { }

    /// <summary>PLAIN, LOGIN, IMAP LOGIN, HTTP Basic. <paramref name="AuthorizeAs"/> is SASL's authzid, null when not sent.</summary>
    public sealed record CheckPassword(string Login, string? AuthorizeAs, string Password) : AuthenticationRequest
    {
        /// <summary>Never the password: this may reach a log.</summary>
        public override string ToString() => $"CheckPassword {{ Login = {Login} }}";
    }

    /// <summary>The first step of SCRAM-SHA-256: keys to verify a proof with. An unknown login gets keys that no password fits.</summary>
    public sealed record FindScramKeys(string Login) : AuthenticationRequest;

    /// <summary>The last step of SCRAM-SHA-256: tells the service how it ended, so that failures count wherever they happen.</summary>
    public sealed record ReportScram(string Login, bool Succeeded) : AuthenticationRequest
    {
        /// <summary>The keys that the proof was verified with.</summary>
        public ScramKeys? Keys { get; init; }

        /// <summary>Never the keys: this may reach a log.</summary>
        public override string ToString() => $"ReportScram {{ Login = {Login}, Succeeded = {Succeeded} }}";
    }
}

/// <summary>Answers to <see cref="AuthenticationRequest"/>.</summary>
public abstract record AuthenticationReply
{
    private AuthenticationReply() { }

    /// <summary>The session now acts for <paramref name="Account"/>.</summary>
    public sealed record Accepted(Account Account) : AuthenticationReply
    {
        /// <summary>What it was proved with; null: nothing that can be taken back.</summary>
        public CredentialStamp? Stamp { get; init; }
    }

    /// <summary>Wrong login or password, or a disabled account: one answer for all, in the same time.</summary>
    public sealed record Rejected : AuthenticationReply;

    /// <summary>Could not be decided now (454 4.7.0, NO [UNAVAILABLE]).</summary>
    public sealed record Unavailable : AuthenticationReply;

    /// <summary>SCRAM keys; <paramref name="Account"/> is null when the login does not exist and the exchange must fail at its end.</summary>
    public sealed record Keys(ScramKeys Scram, Account? Account) : AuthenticationReply;
}
