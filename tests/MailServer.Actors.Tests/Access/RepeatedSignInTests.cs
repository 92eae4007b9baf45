using System.Net;
using System.Security.Cryptography;
using MailServer.Actors.Access;
using MailServer.Domain.Access;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Actors.Tests.Access;

/// <summary>
/// A device that sends the same login and secret again and again, because the secret has expired, was changed or is not accepted here, does not get its address banned. Guesses do.
/// </summary>
public sealed class RepeatedSignInTests
{
    private const int Often = 3 * SignInTestBed.BanAfter;
    private static readonly EmailAddress Ann = EmailAddress.Parse(SignInTestBed.Login);
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.1");

    /// <summary>Why a device is refused, how that comes about, and the audit event.</summary>
    private static readonly (string Why, Func<SignInTestBed, Task<string>> Arrange, string Kind)[] Refusals =
    [
        ("the password was changed", static async world =>
        {
            await world.Administration.SetPasswordAsync(Ann, new StoredPassword("another horse 9", new ScramKeys(new byte[16], 4096, new byte[32], new byte[32])), default);
            return SignInTestBed.OwnPassword;
        }, SignInResult.Failure.Failed),
        ("the account is disabled", static async world =>
        {
            await world.Administration.SetEnabledAsync(Ann, false, default);
            return SignInTestBed.OwnPassword;
        }, SignInResult.Failure.Failed),
        ("the account was removed", static async world =>
        {
            await world.Administration.RemoveAccountAsync(Ann, default);
            return SignInTestBed.OwnPassword;
        }, SignInResult.Failure.Failed),
        ("only device passwords open mail", static async world =>
        {
            await world.Administration.SetAppPasswordsOnlyAsync(Ann, true, default);
            return SignInTestBed.OwnPassword;
        }, SignInResult.Failure.Failed),
        ("the device password was revoked", static async world =>
        {
            await world.Administration.RemoveAppPasswordAsync(Ann, "phone", default);
            return world.AppPassword;
        }, SignInResult.Failure.Failed),
        ("the device password has expired", static world => AddAsync(world, new AppPasswordLimits(world.Clock.Now.AddHours(-1), [])), SignInResult.Failure.Expired),
        ("the device password is for another network", static world => AddAsync(world, new AppPasswordLimits(null, [IPNetwork.Parse("10.0.0.0/8")])), SignInResult.Failure.Network),
        ("the device password is for something else", static world => AddAsync(world, AppPasswordLimits.None, AccessScope.Dav), SignInResult.Failure.Failed),
    ];

    public static TheoryData<string> Reasons => [.. Refusals.Select(static r => r.Why)];

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task A_device_that_is_refused_does_not_get_its_address_banned(string why)
    {
        var (_, arrange, kind) = Refusals.Single(r => r.Why == why);
        using var world = await SignInTestBed.CreateAsync(hasCodes: false);
        var secret = await arrange(world);
        for (var i = 0; i < Often; i++) Assert.False(await TryAsync(world, secret));
        Assert.Equal(Often, world.Noted(kind));
        Assert.Empty(world.Bans.List());
        // Others behind the same address guess: that is counted.
        for (var i = 0; i < SignInTestBed.BanAfter - 1; i++) await TryAsync(world, $"guess {i}");
        Assert.Single(world.Bans.List());
    }

    [Fact]
    public async Task Repetitions_are_free_only_so_often_in_a_time_because_each_is_work()
    {
        using var world = await SignInTestBed.CreateAsync(hasCodes: false);
        for (var i = 0; i < 1 + 30; i++) await TryAsync(world, "an old password");
        Assert.Empty(world.Bans.List());
        world.Clock.Now += TimeSpan.FromMinutes(1);
        for (var i = 0; i < 6; i++) await TryAsync(world, "an old password");
        for (var i = 0; i < SignInTestBed.BanAfter - 2; i++) await TryAsync(world, "an old password");
        Assert.Empty(world.Bans.List());
        await TryAsync(world, "an old password");
        Assert.Single(world.Bans.List());
    }

    [Fact]
    public async Task The_same_guess_for_many_logins_is_no_repetition()
    {
        using var world = await SignInTestBed.CreateAsync(hasCodes: false);
        for (var i = 0; i < SignInTestBed.BanAfter; i++)
            await world.Authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword($"user{i}@example.test", null, "summer 2026"), Home, AccessScope.Mail);
        Assert.Single(world.Bans.List());
    }

    private static async Task<bool> TryAsync(SignInTestBed world, string secret) =>
        await world.Authenticator.AnswerAsync(new AuthenticationRequest.CheckPassword(SignInTestBed.Login, null, secret), Home, AccessScope.Mail) is AuthenticationReply.Accepted;

    private static async Task<string> AddAsync(SignInTestBed world, AppPasswordLimits limits, AccessScope scope = AccessScope.Mail)
    {
        var secret = AppPasswordSecret.Format(RandomNumberGenerator.GetBytes(16));
        await world.Administration.AddAppPasswordAsync(Ann, "tablet", scope, AppPasswordSecret.DigestOf(secret)!, limits, default);
        return secret;
    }
}
