using MailServer.Storage.Postgres;
using MailServer.Storage.Tests.Postgres;

namespace MailServer.Actors.Tests.Cluster;

/// <summary>The database record of the current cluster.</summary>
public sealed class CurrentClusterTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(2);

    [PostgresFact]
    public async Task Only_one_of_many_concurrent_nodes_forms_a_cluster()
    {
        using var database = Open();
        var note = new CurrentClusterLease(database, Life);
        for (var round = 0; round < 5; round++)
        {
            var founded = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => note.HoldAsync($"node{n}", [], default)));
            Assert.Single(founded, true);
            Assert.Equal($"node{Array.IndexOf(founded, true)}", await note.FindAsync(default));
            await note.ReleaseAsync($"node{Array.IndexOf(founded, true)}", default);
            Assert.Null(await note.FindAsync(default));
        }
    }

    [PostgresFact]
    public async Task Members_renew_the_record_for_each_other_and_other_nodes_cannot_take_it()
    {
        using var database = Open();
        var note = new CurrentClusterLease(database, Life);
        Assert.True(await note.HoldAsync("a", [], default));
        Assert.True(await note.HoldAsync("b", ["a", "b"], default));
        Assert.Equal("b", await note.FindAsync(default));
        Assert.True(await note.HoldAsync("a", ["a", "b"], default));
        Assert.False(await note.HoldAsync("stranger", ["stranger", "c"], default));
        // A node that leaves does not end the record of the remaining nodes.
        await note.ReleaseAsync("b", default);
        Assert.Equal("a", await note.FindAsync(default));
    }

    [PostgresFact]
    public async Task The_record_expires_unless_it_is_renewed()
    {
        using var database = Open();
        var note = new CurrentClusterLease(database, Life);
        Assert.True(await note.HoldAsync("a", [], default));
        Assert.False(await note.HoldAsync("b", [], default));
        await Task.Delay(Life * 1.5);
        Assert.Null(await note.FindAsync(default));
        Assert.True(await note.HoldAsync("b", [], default));
        Assert.False(await note.HoldAsync("a", ["a"], default));
    }

    private static PostgresDatabase Open()
    {
        var database = new PostgresDatabase(PostgresServer.Shared.CreateDatabase());
        database.Migrate(create: true);
        return database;
    }
}
