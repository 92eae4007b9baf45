using System.Net;
using MailServer.Domain.Accounts;

namespace MailServer.Actors.Access;

/// <summary>
/// Permission to run one sign-in attempt. It ends in exactly one of three ways: <see cref="Fail"/>, <see cref="Succeed"/>, or disposal without either when
/// the attempt had no result (a factor is missing or the directory is unavailable).
/// </summary>
public sealed class SignInPermit : IDisposable
{
    private readonly LoginGuard _guard;
    private readonly IPAddress _peer;
    private readonly LoginName _login;
    private readonly SignInFailures? _ofNetwork;
    private readonly SignInFailures? _ofLogin;
    private int _over;

    internal SignInPermit(LoginGuard guard, IPAddress peer, LoginName login, SignInFailures? ofNetwork, SignInFailures? ofLogin) =>
        (_guard, _peer, _login, _ofNetwork, _ofLogin) = (guard, peer, login, ofNetwork, ofLogin);

    /// <summary>True when the network was banned or the login locked since the attempt started. Check it after every wait.</summary>
    public bool IsRefused => _guard.Refuses(_peer, _login);

    /// <summary>Counts a failure, unless it repeats an earlier one. Returns how long to delay the answer.</summary>
    /// <param name="secret">A digest of the secret (<see cref="LoginGuard.DigestOf"/>); null if it is not known.</param>
    public TimeSpan Fail(ulong? secret = null) => Interlocked.Exchange(ref _over, 1) == 0 ? _guard.Failed(_peer, _login, _ofNetwork, _ofLogin, secret) : TimeSpan.Zero;

    /// <summary>Every factor was correct: resets the earlier failures of this login from this network.</summary>
    public void Succeed()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0) _guard.Succeeded(_peer, _login, _ofNetwork, _ofLogin);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _over, 1) == 0) _guard.End(_ofNetwork, _ofLogin);
    }
}
