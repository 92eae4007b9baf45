using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace MailServer.EndToEnd.Tests.Cluster;

/// <summary>
/// Mail that arrives on both nodes during a test. Every message has a unique name and is sent once: acknowledged ones must be there exactly once,
/// the others at most once.
/// </summary>
public sealed class ClusterLoad(ClusterRig rig) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _acknowledged = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _senders = [];
    private int _count;
    private int _refused;

    public int Acknowledged => _acknowledged.Count;

    public int Refused => _refused;

    public IReadOnlyCollection<string> AcknowledgedSubjects => [.. _acknowledged.Keys];

    public void Start(int sendersOfEach, TimeSpan pause)
    {
        foreach (var node in rig.Nodes)
            for (var i = 0; i < sendersOfEach; i++) _senders.Add(Task.Run(() => SendAsync(node, pause)));
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_senders);
        _senders.Clear();
    }

    /// <summary>The number of acknowledged messages of <paramref name="account"/>.</summary>
    public int AcknowledgedOf(string account) => _acknowledged.Values.Count(a => a == account);

    /// <summary>Asserts that nothing acknowledged is lost or duplicated, and that no UID means two messages, as seen on <paramref name="node"/>.</summary>
    public async Task VerifyAsync(ClusterNode node, UidLedger memory)
    {
        // More messages are acknowledged during the check.
        var acknowledged = _acknowledged.Keys.ToList();
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var account in rig.Accounts)
            foreach (var subject in await memory.LookAsync(node, account)) found[subject] = found.GetValueOrDefault(subject) + 1;
        var lost = acknowledged.Where(s => !found.ContainsKey(s)).ToList();
        var doubled = found.Where(f => f.Value > 1).Select(f => f.Key).ToList();
        Assert.True(lost.Count == 0, $"{lost.Count} of {acknowledged.Count} acknowledged messages are lost: {string.Join(", ", lost.Take(5))}");
        Assert.True(doubled.Count == 0, $"{doubled.Count} messages are there twice: {string.Join(", ", doubled.Take(5))}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
    }

    private async Task SendAsync(ClusterNode node, TimeSpan pause)
    {
        while (!_end.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _count);
            var subject = string.Create(CultureInfo.InvariantCulture, $"m{number}");
            var account = rig.Accounts[number % rig.Accounts.Count];
            try
            {
                using var client = new SmtpClient { Timeout = 15_000 };
                await client.ConnectAsync(node.Address, node.Smtp, SecureSocketOptions.None);
                using var message = new MimeMessage();
                message.From.Add(new MailboxAddress("", "sender@elsewhere.test"));
                message.To.Add(new MailboxAddress("", account));
                message.Subject = subject;
                message.Body = new TextPart("plain") { Text = "load" };
                await client.SendAsync(message);
                _acknowledged[subject] = account;
                await client.DisconnectAsync(true);
            }
            catch (Exception e) when (e is IOException or SocketException or SmtpCommandException or SmtpProtocolException or ServiceNotConnectedException or TimeoutException or OperationCanceledException)
            {
                Interlocked.Increment(ref _refused);
            }

            await Task.Delay(pause);
        }
    }
}

/// <summary>Records which message each UID of an INBOX identifies.</summary>
public sealed class UidLedger
{
    private readonly Dictionary<(string Account, uint Validity, uint Uid), string> _meanings = [];

    /// <summary>Returns the subjects in an INBOX, and fails if a UID identifies another message than before.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(ClusterNode node, string account)
    {
        using var client = new ImapClient { Timeout = 40_000 };
        await client.ConnectAsync(node.Address, node.Imap, SecureSocketOptions.None);
        await client.AuthenticateAsync(account, ClusterRig.Password);
        await client.Inbox!.OpenAsync(FolderAccess.ReadOnly);
        var subjects = new List<string>();
        foreach (var summary in await client.Inbox!.FetchAsync(0, -1, MessageSummaryItems.UniqueId | MessageSummaryItems.Envelope))
        {
            // A server may send the flags of any message at any time (RFC 9051 §7): these are not part of the answer.
            if (summary.Envelope is not { } envelope) continue;
            var key = (account, client.Inbox!.UidValidity, summary.UniqueId.Id);
            var subject = envelope.Subject ?? "";
            Assert.True(_meanings.TryAdd(key, subject) || _meanings[key] == subject, $"UID {summary.UniqueId} of {account} was {_meanings.GetValueOrDefault(key)} and is {subject}");
            subjects.Add(subject);
        }

        await client.DisconnectAsync(true);
        return subjects;
    }
}
