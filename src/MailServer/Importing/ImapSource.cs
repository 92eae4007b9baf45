using System.Runtime.CompilerServices;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using MailServer.Domain.Mailboxes;
using MessageFlags = MailServer.Domain.Mailboxes.MessageFlags;

namespace MailServer.Importing;

/// <summary>How to reach an account on another IMAP server.</summary>
internal sealed record ImapAccount(string Host, int Port, bool ImplicitTls, string User, string Password, string? CaFile);

/// <summary>Every folder of an account on another server, read without changing anything there.</summary>
internal sealed class ImapSource : IMailSource, IDisposable
{
    private const int Page = 200;

    private readonly ImapClient _client = new();

    public long? Count { get; private set; }

    public async Task ConnectAsync(ImapAccount account, CancellationToken cancel)
    {
        try
        {
            if (account.CaFile is not null) _client.ServerCertificateValidationCallback = Trust.In(account.CaFile);
            await _client.ConnectAsync(account.Host, account.Port, account.ImplicitTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, cancel);
            await _client.AuthenticateAsync(account.User, account.Password, cancel);
        }
        catch (Exception e) when (e is MailKit.Security.AuthenticationException or SslHandshakeException or ImapProtocolException or System.Net.Sockets.SocketException or NotSupportedException)
        {
            throw new Commands.CommandFailure($"{account.Host}:{account.Port}: {e.Message.Split('\n')[0]}");
        }

        var count = 0L;
        foreach (var folder in await FoldersAsync(cancel))
        {
            await folder.StatusAsync(StatusItems.Count, cancel);
            count += folder.Count;
        }

        Count = count;
    }

    public async IAsyncEnumerable<SourceMessage> ReadAsync(Action<string> complain, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var folder in await FoldersAsync(cancel))
        {
            if (NameOf(folder) is not { } name)
            {
                complain($"the folder '{folder.FullName}' cannot be called so here and is left out");
                continue;
            }

            await folder.OpenAsync(FolderAccess.ReadOnly, cancel);
            for (var first = 0; first < folder.Count; first += Page)
            {
                var last = Math.Min(first + Page, folder.Count) - 1;
                foreach (var summary in await folder.FetchAsync(first, last, MessageSummaryItems.UniqueId | MessageSummaryItems.Flags | MessageSummaryItems.InternalDate, cancel))
                {
                    await using var stream = await folder.GetStreamAsync(summary.UniqueId, "", cancel);
                    using var content = new MemoryStream();
                    await stream.CopyToAsync(content, cancel);
                    yield return new SourceMessage(name, Flags(summary), summary.InternalDate ?? DateTimeOffset.UnixEpoch, content.ToArray());
                }
            }

            await folder.CloseAsync(expunge: false, cancel);
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

    /// <summary>What the server marks as sent, drafts, trash, junk or archive goes where it is kept here, whatever it is called there.</summary>
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
        return new MessageFlags(system, KeywordSet.Of(summary.Keywords));
    }
}
