using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MailKit;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.BackupAndImport;

/// <summary>Everything that a client can see of a mailbox, as comparable lines.</summary>
internal static class MailboxContents
{
    /// <param name="server">The server.</param>
    /// <param name="user">The account.</param>
    /// <param name="withUids">True to include UIDVALIDITY and UIDs.</param>
    /// <param name="withSubscriptions">False for an import, which subscribes to nothing.</param>
    public static async Task<IReadOnlyList<string>> OfAsync(ServerProcess server, string user, bool withUids = true, bool withSubscriptions = true)
    {
        using var client = await server.ImapAsync(user);
        var lines = new List<string>();
        foreach (var folder in await client.GetFoldersAsync(client.PersonalNamespaces[0], cancellationToken: default))
        {
            await folder.OpenAsync(FolderAccess.ReadOnly);
            var numbers = withUids ? string.Create(CultureInfo.InvariantCulture, $" {folder.UidValidity}") : "";
            lines.Add($"{folder.FullName}{numbers} {(withSubscriptions && folder.IsSubscribed ? "subscribed" : "")}");
            foreach (var summary in await folder.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate))
            {
                await using var content = await folder.GetStreamAsync(summary.UniqueId, "");
                var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content));
                var uid = withUids ? summary.UniqueId.ToString() : "";
                var flags = (summary.Flags ?? MessageFlags.None) & ~MessageFlags.Recent;
                lines.Add($"{folder.FullName} {uid} {hash} {flags} {string.Join(',', summary.Keywords.Order(StringComparer.Ordinal))} {summary.InternalDate?.ToUnixTimeSeconds()}");
            }

            await folder.CloseAsync();
        }

        return withUids ? lines : [.. lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>The octets of mail that <c>user show</c> prints.</summary>
    public static async Task<long> UsedAsync(ServerProcess server, string user)
    {
        using var shown = JsonDocument.Parse((await server.CliAsync("user", "show", user, "--json")).Succeeded().Output);
        return shown.RootElement[0].GetProperty("used").GetInt64();
    }

    /// <summary>Folders, flags, keywords and dates of many kinds.</summary>
    public static async Task FillAsync(ServerProcess server, string user, int seed, int messages = 60)
    {
        var random = new Random(seed);
        var (client, inbox) = await server.InboxAsync(user);
        using var signedIn = client;
        var root = client.GetFolder(client.PersonalNamespaces[0]);
        var folders = new List<IMailFolder> { inbox, client.Special(SpecialFolder.Sent) };
        foreach (var name in new[] { "Projekte", "Älteres & mehr", "Archive/2025" })
        {
            var parent = root;
            foreach (var level in name.Split('/')) parent = await FolderAsync(parent, level);
            folders.Add(parent);
        }

        await folders[2].SubscribeAsync();
        for (var i = 0; i < messages; i++)
        {
            var letter = MailKitClients.Letter("someone@sender.example", user, TestMail.NewSubject(), new string('x', random.Next(1, 20_000)) + "\r\nFrom the start\r\n");
            var flags = (MessageFlags)(random.Next(0, 16) << 1) & ~MessageFlags.Recent;
            string[] keywords = random.Next(3) == 0 ? ["$Forwarded", "project" + random.Next(4)] : [];
            var request = new AppendRequest(letter, flags, keywords, new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(random.Next(3_000_000)));
            await folders[random.Next(folders.Count)].AppendAsync(request);
        }

        await inbox.CheckAsync();
        if (inbox.Count > 1) await inbox.StoreAsync(0, new StoreFlagsRequest(StoreAction.Add, MessageFlags.Deleted) { Silent = true });
        await inbox.ExpungeAsync();
    }

    private static async Task<IMailFolder> FolderAsync(IMailFolder parent, string level) =>
        (await parent.GetSubfoldersAsync()).FirstOrDefault(f => f.Name == level)
        ?? await parent.CreateAsync(level, isMessageFolder: true)
        ?? throw new InvalidOperationException($"{level} cannot be made");
}
