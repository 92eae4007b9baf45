namespace MailServer.EndToEnd.Tests.Server;

/// <summary>One running server, shared by tests that neither stop it nor change its settings; each test adds its own accounts.</summary>
public class SharedServer : IAsyncLifetime
{
    private ServerProcess? _server;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    protected virtual ServerSettings Settings => new();

    public async Task InitializeAsync() => _server = await ServerProcess.StartNewAsync(Settings);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>Names the tests that share one <see cref="SharedServer"/>. Tests of one collection run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServerCollection : ICollectionFixture<SharedServer>
{
    public const string Name = "shared server";
}

/// <summary>The tests of calendars, contacts and files that share a server.</summary>
[CollectionDefinition(Name)]
public sealed class SharedDavServerCollection : ICollectionFixture<SharedServer>
{
    public const string Name = "shared server for DAV";
}

/// <summary>The tests with other programs as clients that share a server.</summary>
[CollectionDefinition(Name)]
public sealed class SharedClientServerCollection : ICollectionFixture<SharedServer>
{
    public const string Name = "shared server for clients";
}

/// <summary>A server that offers sign-ins that are bound to the TLS connection.</summary>
public sealed class BindingServer : SharedServer
{
    protected override ServerSettings Settings => new() { BindsSignIns = true };
}

/// <summary>The tests of bound sign-ins.</summary>
[CollectionDefinition(Name)]
public sealed class BindingServerCollection : ICollectionFixture<BindingServer>
{
    public const string Name = "server for bound sign-ins";
}
