namespace MailServer.EndToEnd.Tests.Damage;

/// <summary>One test bed for all tests of a class, created on first use.</summary>
public sealed class DamageFixture : IAsyncLifetime
{
    private DamageTestBed? _world;

    /// <summary>Returns the test bed with its server stopped and its original data.</summary>
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
