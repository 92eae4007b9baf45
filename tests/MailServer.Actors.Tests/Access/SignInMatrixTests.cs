using System.Net;
using MailServer.Actors.Access;
using MailServer.Actors.Authentication;
using MailServer.Actors.Tests.Authentication;
using MailServer.Domain.Accounts;
using MailServer.Protocol.Sasl;

namespace MailServer.Actors.Tests.Access;

/// <summary>Every sign-in method counts failures alike: each attempt counts once, after its last factor, and a burst gets no more tries than single attempts.</summary>
public sealed class SignInMatrixTests
{
    private const int Burst = 60;
    private static readonly IPAddress Attacker = IPAddress.Parse("203.0.113.9");
    private static readonly IPAddress Home = IPAddress.Parse("198.51.100.1");

    public static TheoryData<string> Ways => [.. SignInRoute.All.Select(static w => w.Name)];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_wrong_secret_counts_once_and_the_limit_bans(string name)
    {
        var way = Find(name);
        using var world = await SignInTestBed.CreateAsync(way.HasCodes);
        for (var i = 1; i <= SignInTestBed.BanAfter; i++)
        {
            Assert.Empty(world.Bans.List());
            Assert.False(await way.TryAsync(world, $"wrong {i}", Attacker));
            Assert.Equal(i, world.Noted(SignInResult.Failure.Failed));
        }

        await AssertBannedAsync(world, way);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_burst_of_wrong_secrets_stops_at_the_limit_and_bans_once(string name)
    {
        var way = Find(name);
        using var world = await SignInTestBed.CreateAsync(way.HasCodes);
        var tried = await Task.WhenAll(Enumerable.Range(0, Burst).Select(i => Task.Run(() => way.TryAsync(world, $"wrong {i}", Attacker))));
        Assert.All(tried, Assert.False);
        Assert.Equal(SignInTestBed.BanAfter, world.Noted(SignInResult.Failure.Failed));
        Assert.InRange(world.Hashed, 0, SignInTestBed.BanAfter);
        await AssertBannedAsync(world, way);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_burst_after_failures_stops_at_the_remaining_limit(string name)
    {
        var way = Find(name);
        using var world = await SignInTestBed.CreateAsync(way.HasCodes);
        for (var i = 0; i < SignInTestBed.BanAfter - 1; i++) await way.TryAsync(world, $"wrong {i}", Attacker);
        var guesses = await Task.WhenAll(Enumerable.Range(0, Burst).Select(i => Task.Run(() => way.TryAsync(world, $"wrong {i + 10}", Attacker))));
        Assert.All(guesses, Assert.False);
        Assert.Equal(SignInTestBed.BanAfter, world.Noted(SignInResult.Failure.Failed));
        await AssertBannedAsync(world, way);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_burst_of_right_secrets_succeeds_and_counts_no_failure(string name)
    {
        var way = Find(name);
        using var world = await SignInTestBed.CreateAsync(way.HasCodes);
        var count = way.HasCodes ? 3 : Burst; // a later code invalidates this one
        var tried = new List<bool>();
        if (way.HasCodes) for (var i = 0; i < count; i++) tried.Add(await way.TryAsync(world, way.Right(world), Home));
        else tried.AddRange(await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(() => way.TryAsync(world, way.Right(world), Home)))));
        Assert.All(tried, Assert.True);
        Assert.Equal(0, world.Noted(SignInResult.Failure.Failed));
        Assert.Empty(world.Bans.List());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Only_a_complete_sign_in_resets_earlier_failures(string name)
    {
        var way = Find(name);
        using var world = await SignInTestBed.CreateAsync(way.HasCodes);
        for (var i = 0; i < SignInTestBed.BanAfter - 1; i++) await way.TryAsync(world, $"wrong {i}", Attacker);
        Assert.True(await way.TryAsync(world, way.Right(world), Attacker));
        await way.TryAsync(world, "wrong", Attacker);
        Assert.Equal(way.SignsIn ? 0 : 1, world.Bans.List().Count);
        for (var i = 0; way.SignsIn && i < SignInTestBed.BanAfter - 1; i++) await way.TryAsync(world, $"wrong again {i}", Attacker);
        await AssertBannedAsync(world, way);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wrong_codes_count_even_with_the_right_password(bool atOnce)
    {
        using var world = await SignInTestBed.CreateAsync(hasCodes: true);
        world.Code = world.WrongCode();
        var way = Find("page with code");
        if (atOnce) await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => Task.Run(() => way.TryAsync(world, SignInTestBed.OwnPassword, Attacker))));
        else for (var i = 0; i < Burst; i++) await way.TryAsync(world, SignInTestBed.OwnPassword, Attacker);
        Assert.Equal(SignInTestBed.BanAfter, world.Noted(SignInResult.Failure.Code));
        world.Code = null;
        await AssertBannedAsync(world, way);
    }

    [Fact]
    public async Task A_right_password_without_a_code_resets_nothing_and_a_reused_code_counts()
    {
        using var world = await SignInTestBed.CreateAsync(hasCodes: true);
        var code = world.NextCode();
        Assert.IsType<PageSignInResult.Accepted>(await world.Page.SignInAsync(SignInTestBed.Login, SignInTestBed.OwnPassword, code, Home, default));
        for (var i = 0; i < SignInTestBed.BanAfter; i++)
        {
            Assert.Empty(world.Bans.List());
            Assert.IsType<PageSignInResult.CodeNeeded>(await world.Page.SignInAsync(SignInTestBed.Login, SignInTestBed.OwnPassword, null, Attacker, default));
            Assert.IsType<PageSignInResult.Rejected>(await world.Page.SignInAsync(SignInTestBed.Login, SignInTestBed.OwnPassword, code, Attacker, default));
        }

        await AssertBannedAsync(world, Find("page with code"));
    }

    [Fact]
    public async Task The_table_covers_every_mechanism_and_every_kind_of_request()
    {
        var offered = SaslMechanisms.Names.Select(static n => SaslMechanisms.Create(n, Domain.Limits.Default, SaslClient.Tls)!.GetType()).ToHashSet();
        var existing = typeof(ISaslMechanism).Assembly.GetTypes().Where(static t => t is { IsAbstract: false, IsInterface: false } && t.IsAssignableTo(typeof(ISaslMechanism))).ToHashSet();
        Assert.Equal(existing, offered);

        var asked = new HashSet<Type>();
        foreach (var way in SignInRoute.All)
        {
            using var world = await SignInTestBed.CreateAsync(way.HasCodes);
            await way.TryAsync(world, "wrong", Attacker);
            asked.UnionWith(world.AskedKinds);
        }

        Assert.Equal(typeof(AuthenticationRequest).GetNestedTypes().Where(static t => t.IsAssignableTo(typeof(AuthenticationRequest))).ToHashSet(), asked);
    }

    private static async Task AssertBannedAsync(SignInTestBed world, SignInRoute way)
    {
        Assert.Equal(1, world.Noted("address.banned"));
        Assert.Equal(Attacker, Assert.Single(world.Bans.List()).Address);
        var before = world.Hashed;
        Assert.False(await way.TryAsync(world, way.Right(world), Attacker));
        Assert.Equal(before, world.Hashed);
        Assert.True(await way.TryAsync(world, way.Right(world), Home));
        Assert.Equal(1, world.Noted("address.banned"));
    }

    private static SignInRoute Find(string name) => SignInRoute.All.Single(w => w.Name == name);
}
