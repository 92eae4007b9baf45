using MailKit;
using MailKit.Net.Imap;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>METADATA with MailKit as the client: annotations outlive a killed server, a lost index, and a backup that is restored.</summary>
public sealed class ImapMetadataTests
{
    private static readonly MetadataTag Colour = new("/private/vendor/acme/colour");

    [Fact]
    public async Task Annotations_survive_a_killed_server_and_a_lost_index()
    {
        await using var server = await ServerProcess.StartNewAsync();
        var user = await server.AddUserAsync();
        using (var client = await server.ImapAsync(user))
        {
            Assert.True(client.Capabilities.HasFlag(ImapCapabilities.Metadata));
            await client.Special(SpecialFolder.Junk).SetMetadataAsync(new MetadataCollection([new Metadata(MetadataTag.PrivateComment, "Grüße\r\nzwei"), new Metadata(Colour, "red")]));
            await client.SetMetadataAsync(new MetadataCollection([new Metadata(Colour, "blue")]));
        }

        await server.KillAsync();
        foreach (var index in Directory.GetFiles(Path.Combine(server.Folder, "data"), "index.db*", SearchOption.AllDirectories)) File.Delete(index);
        await server.StartAsync();
        using var again = await server.ImapAsync(user);
        var junk = again.Special(SpecialFolder.Junk);
        Assert.Equal("Grüße\r\nzwei", await junk.GetMetadataAsync(MetadataTag.PrivateComment));
        Assert.Equal("red", await junk.GetMetadataAsync(Colour));
        Assert.Equal("blue", await again.GetMetadataAsync(Colour));
        Assert.Equal(2, (await junk.GetMetadataAsync(new MetadataOptions { Depth = int.MaxValue }, [new MetadataTag("/private")])).Count);
        // MailKit does not read NIL, which it gets for a single entry that does not exist.
        Assert.Empty(await again.Inbox.GetMetadataAsync(new MetadataOptions { Depth = int.MaxValue }, [Colour]));
    }
}
