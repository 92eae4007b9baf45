namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>One world for the tests of a class, made when the first of them needs it.</summary>
public sealed class DamageFixture : IAsyncLifetime
{
    private DamageTestBed? _world;

    /// <summary>The world with its server stopped and its data as they were when it was made.</summary>
    public async Task<DamageTestBed> ResetAsync()
    {
        if (_world is null) return _world = await DamageTestBed.MakeAsync();
        await _world.Server.KillAsync();
        await _world.PutBackAsync();
        return _world;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }
}
