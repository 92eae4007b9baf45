using System.Net;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Access;

/// <summary>One sign-in attempt, independent of protocol and mechanism.</summary>
/// <param name="Login">The login.</param>
/// <param name="Peer">The client's address.</param>
/// <param name="Scope">The requested scope.</param>
public sealed record SignInAttempt(LoginName Login, IPAddress Peer, AccessScope Scope)
{
    /// <summary>A digest of login and secret (<see cref="SignInGate.DigestOf"/>); null if the secret is not known.</summary>
    public ulong? Secret { get; init; }
}

/// <summary>The result of a sign-in attempt.</summary>
public abstract record SignInResult
{
    private SignInResult() { }

    /// <summary>Every factor is correct.</summary>
    /// <param name="Account">The account that signed in.</param>
    /// <param name="Stamp">The credential that was used.</param>
    public sealed record Success(Account Account, CredentialFingerprint Stamp) : SignInResult
    {
        /// <summary>False when the client signs in on every request and this sign-in need not be audited.</summary>
        public bool IsAudited { get; init; } = true;

        /// <summary>The credential as shown in the audit log; empty for the account's own password.</summary>
        public string Method { get; init; } = "";
    }

    /// <summary>A factor is wrong, or this credential is not accepted here. <paramref name="Kind"/> is the audit event type.</summary>
    public sealed record Failure(string Kind = Failure.Failed) : SignInResult
    {
        public const string Failed = "sign-in.failed";
        public const string Code = "sign-in.wrong-code";

        /// <summary>The link of an invitation is unknown.</summary>
        public const string Invitation = "sign-in.unknown-invitation";

        /// <summary>The app password is right, but no longer valid.</summary>
        public const string Expired = "sign-in.expired";

        /// <summary>The app password is right, but not for this network.</summary>
        public const string Network = "sign-in.other-network";
    }

    /// <summary>Correct so far, but another factor is required: the client tries again with all factors. Counts neither as failure nor as success.</summary>
    public sealed record Incomplete(Account Account) : SignInResult;

    /// <summary>The network is banned or the login is locked. Nothing was checked and nothing is counted.</summary>
    public sealed record Refused : SignInResult;

    /// <summary>The result cannot be determined now. Counts neither as failure nor as success.</summary>
    public sealed record Unavailable : SignInResult;
}
