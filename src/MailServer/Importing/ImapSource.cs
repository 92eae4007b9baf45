using System.Globalization;
using System.Runtime.CompilerServices;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MailServer.Domain.Mailboxes;
using MessageFlags = MailServer.Domain.Mailboxes.MessageFlags;

namespace MailServer.Importing;

/// <summary>Connection settings of an account on another IMAP server.</summary>
internal sealed record ImapAccount(string Host, int Port, bool ImplicitTls, string User, string Password, string? CaFile);

/// <summary>Reads all folders of an account on another IMAP server without changing anything there.</summary>
/// <param name="maxMessage">The maximum message size in octets.</param>
internal sealed class ImapSource(long maxMessage) : IMailSource, IDisposable
{
    private const int Page = 200;
    private const MessageSummaryItems Items = MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate | MessageSummaryItems.Size;

    private readonly ImapClient _client = new();
    private readonly HashSet<string> _subscribed = new(StringComparer.Ordinal);

    public long? Count { get; private set; }

    public async Task ConnectAsync(ImapAccount account, CancellationToken cancel)
    {
        try
        {
            if (account.CaFile is not null) _client.ServerCertificateValidationCallback = PrivateRootTrust.CreateValidator(account.CaFile);
            await _client.ConnectAsync(account.Host, account.Port, account.ImplicitTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, cancel);
            await _client.AuthenticateAsync(account.User, account.Password, cancel);
        }
        catch (Exception e) when (e is MailKit.Security.AuthenticationException or SslHandshakeException or ImapProtocolException or System.Net.Sockets.SocketException or NotSupportedException)
        {
            throw new Common.CommandFailure($"{account.Host}:{account.Port}: {e.Message.Split('\n')[0]}");
        }

        foreach (var space in _client.PersonalNamespaces)
            _subscribed.UnionWith((await _client.GetFoldersAsync(space, subscribedOnly: true, cancel)).Select(static f => f.FullName));
        var count = 0L;
        foreach (var folder in await FoldersAsync(cancel))
        {
            await folder.StatusAsync(StatusItems.Count, cancel);
            count += folder.Count;
        }

        Count = count;
    }

    public async IAsyncEnumerable<SourceItem> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var folder in await FoldersAsync(cancel))
        {
            if (await OpenAsync(folder, cancel) is { } closed)
            {
                yield return closed;
                continue;
            }

            for (var first = 0; first < folder.Count; first += Page)
            {
                var last = Math.Min(first + Page, folder.Count) - 1;
                foreach (var summary in await folder.FetchAsync(first, last, Items, cancel)) yield return await ReadAsync(folder, summary, cancel);
            }

            await folder.CloseAsync(expunge: false, cancel);
        }
    }

    /// <summary>Opens a folder. Returns the refusal if it cannot be opened, otherwise null.</summary>
    private static async Task<SourceRefusal?> OpenAsync(IMailFolder folder, CancellationToken cancel)
    {
        try
        {
            await folder.OpenAsync(MailKit.FolderAccess.ReadOnly, cancel);
            return null;
        }
        catch (ImapCommandException e)
        {
            return new SourceRefusal($"folder '{folder.FullName}'", $"the other server cannot open it: {e.Message.Split('\n')[0]}");
        }
    }

    private async Task<SourceItem> ReadAsync(IMailFolder folder, IMessageSummary summary, CancellationToken cancel)
    {
        var where = string.Create(CultureInfo.InvariantCulture, $"folder '{folder.FullName}', UID {summary.UniqueId.Id}");
        if (NameOf(folder) is not { } name) return new SourceRefusal(where, $"'{folder.FullName}' is not a valid folder name here");
        if (summary.Size > maxMessage) return SourceRefusal.TooLarge(where, summary.Size.Value, maxMessage);
        try
        {
            await using var stream = await folder.GetStreamAsync(summary.UniqueId, "", cancel);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, cancel);
            return new SourceMessage(where, name, Flags(summary), summary.InternalDate ?? DateTimeOffset.UnixEpoch, content.ToArray()) { IsSubscribed = _subscribed.Contains(folder.FullName) };
        }
        catch (Exception e) when (e is ImapCommandException or MessageNotFoundException)
        {
            return new SourceRefusal(where, $"the other server cannot send it: {e.Message.Split('\n')[0]}");
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<IMailFolder>> FoldersAsync(CancellationToken cancel)
    {
        var found = new List<IMailFolder> { _client.Inbox };
        foreach (var space in _client.PersonalNamespaces)
            found.AddRange(await _client.GetFoldersAsync(space, cancellationToken: cancel));
        return
        [
            .. found.DistinctBy(static f => f.FullName)
                .Where(static f => (f.Attributes & (FolderAttributes.NoSelect | FolderAttributes.NonExistent | FolderAttributes.All)) == 0)
                .OrderBy(static f => f.FullName, StringComparer.Ordinal),
        ];
    }

    /// <summary>Special-use folders (sent, drafts, trash, junk, archive) map to their equivalents, whatever their name.</summary>
    private static FolderName? NameOf(IMailFolder folder)
    {
        var role = folder.Attributes switch
        {
            var a when a.HasFlag(FolderAttributes.Sent) => "Sent",
            var a when a.HasFlag(FolderAttributes.Drafts) => "Drafts",
            var a when a.HasFlag(FolderAttributes.Trash) => "Trash",
            var a when a.HasFlag(FolderAttributes.Junk) => "Junk",
            var a when a.HasFlag(FolderAttributes.Archive) => "Archive",
            _ => null,
        };
        return FolderNames.Of(role ?? folder.FullName.Replace(folder.DirectorySeparator, '/'));
    }

    private static MessageFlags Flags(IMessageSummary summary)
    {
        var (told, system) = (summary.Flags ?? MailKit.MessageFlags.None, SystemFlags.None);
        if (told.HasFlag(MailKit.MessageFlags.Seen)) system |= SystemFlags.Seen;
        if (told.HasFlag(MailKit.MessageFlags.Answered)) system |= SystemFlags.Answered;
        if (told.HasFlag(MailKit.MessageFlags.Flagged)) system |= SystemFlags.Flagged;
        if (told.HasFlag(MailKit.MessageFlags.Deleted)) system |= SystemFlags.Deleted;
        if (told.HasFlag(MailKit.MessageFlags.Draft)) system |= SystemFlags.Draft;
        return new MessageFlags(system, SourceKeywords.Of(summary.Keywords));
    }
}
