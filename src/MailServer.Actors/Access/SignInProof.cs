using System.Net;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Access;

/// <summary>One attempt to sign in, whatever its protocol and mechanism.</summary>
/// <param name="Login">As whom.</param>
/// <param name="Peer">Where the client is.</param>
/// <param name="Scope">What it wants to use.</param>
public sealed record SignInAttempt(LoginName Login, IPAddress Peer, AccessScope Scope);

/// <summary>What an attempt to sign in showed.</summary>
public abstract record SignInProof
{
    private SignInProof() { }

    /// <summary>Every factor is right.</summary>
    /// <param name="Account">Who signed in.</param>
    /// <param name="Stamp">With which credential.</param>
    public sealed record Right(Account Account, CredentialStamp Stamp) : SignInProof
    {
        /// <summary>False: the same client signs in at every request, and this one is not audited.</summary>
        public bool IsNews { get; init; } = true;

        /// <summary>For the audit; empty: with the account's own password.</summary>
        public string How { get; init; } = "";
    }

    /// <summary>A factor is wrong, or nobody may sign in like this. <paramref name="Kind"/> is what the audit calls it.</summary>
    public sealed record Wrong(string Kind = Wrong.Failed) : SignInProof
    {
        public const string Failed = "sign-in.failed";
        public const string Code = "sign-in.wrong-code";
    }

    /// <summary>Right so far, but another factor is wanted: the client tries again with all of them. Counts neither as failure nor as success.</summary>
    public sealed record Incomplete(Account Account) : SignInProof;

    /// <summary>The network is banned or the login locked: nothing was looked at, nothing counts.</summary>
    public sealed record Refused : SignInProof;

    /// <summary>It cannot be decided now; counts neither way.</summary>
    public sealed record Undecided : SignInProof;
}
