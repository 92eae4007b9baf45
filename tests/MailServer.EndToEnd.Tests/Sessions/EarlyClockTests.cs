using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Sessions;

/// <summary>A machine without a battery starts with a clock before 1970. Mail is taken and dated by that clock, and everything stays when it has been set.</summary>
public sealed class EarlyClockTests
{
    [ClientFact("faketime")]
    public async Task Mail_is_accepted_submitted_stored_and_dated_before_1970_and_stays_when_the_clock_is_set()
    {
        await using var server = await ServerProcess.CreateAsync();
        var user = await server.AddUserAsync();
        var library = Directory.EnumerateDirectories("/usr/lib").Append("/usr/lib").Select(static d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).First(File.Exists);
        await server.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = library,
            ["FAKETIME"] = "@1969-06-01 12:00:00",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            // Before 1970 faketime's own correction of timed waits lets them wait for ever. A real clock has no influence on them.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        });
        await server.DeliverAsync(TestMail.Text(user, "delivered"), user);
        using (var submission = await server.SubmitAsync(user)) await submission.SendAsync(MailKitClients.Letter(user, user, "submitted"));
        await Eventually.BecomesTrueAsync(() => server.FilesWith("submitted").Count == 1, "the submitted message is stored", TimeSpan.FromSeconds(60));
        var (client, inbox) = await server.InboxAsync(user);
        using (client)
        {
            await inbox.AppendAsync(MailKitClients.Letter(user, user, "appended"));
            Assert.Equal(3, (await inbox.FetchAsync(0, -1, MessageSummaryItems.InternalDate)).Count(static m => m.InternalDate!.Value.ToUniversalTime().Year == 1969));
        }

        var before = await DatesAsync(server, user);
        Assert.Equal(0, await server.StopAsync());
        await server.StartAsync();
        Assert.Equal(before, await DatesAsync(server, user));
        await server.DeliverAsync(TestMail.Text(user, "afterwards"), user);
        var after = await DatesAsync(server, user);
        Assert.Equal(before, after[..^1]);
        Assert.True(after[^1].Date.Year > 2000 && after[^1].Uid > before[^1].Uid, $"{after[^1]}");
    }

    private static async Task<List<(uint Uid, DateTimeOffset Date)>> DatesAsync(ServerProcess server, string user)
    {
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        return [.. (await inbox.FetchAsync(0, -1, MessageSummaryItems.InternalDate | MessageSummaryItems.UniqueId)).Select(static m => (m.UniqueId.Id, m.InternalDate!.Value.ToUniversalTime()))];
    }
}
