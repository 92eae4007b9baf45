using System.Globalization;
using System.Text;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Tests.Transcripts;

namespace MailServer.Protocol.Tests.Imap;

/// <summary>Replays a transcript on a session, with the client's octets in pieces of a given size.</summary>
internal sealed class ImapReplayer(TranscriptFile transcript, int pieceSize) : IDisposable
{
    private readonly Queue<string> _said = new();
    private ImapDriver? _driver;
    private Limits _limits = Limits.Default;
    private bool _requireTls = true, _tlsAvailable = true, _tls, _login;
    private string _output = "";

    public void Run()
    {
        var sent = new List<byte>();
        for (var at = 0; at < transcript.Steps.Count; at++)
        {
            var step = transcript.Steps[at];
            if (step is not TranscriptStep.Send && sent.Count > 0)
            {
                Send(sent);
                sent.Clear();
            }

            switch (step)
            {
                case TranscriptStep.Send send:
                    if (sent.Count == 0) ExpectNothing(step);
                    sent.AddRange(send.Octets);
                    break;
                case TranscriptStep.Expect expect:
                    Expect(expect);
                    break;
                case TranscriptStep.Closed:
                    Assert.True(_driver!.IsClosed || _driver.Session.IsEnded, $"{transcript.Name}:{step.Line}: not closed");
                    break;
                case TranscriptStep.Event happens:
                    if (_driver is not null) ExpectNothing(step);
                    Happen([.. happens.Words]);
                    break;
            }
        }

        if (sent.Count > 0) Send(sent);
        ExpectNothing(transcript.Steps[^1]);
    }

    public void Dispose() => _driver?.Dispose();

    private ImapDriver Driver
    {
        get
        {
            if (_driver is not null) return _driver;
            _driver = new ImapDriver(ImapDriver.Options(_limits, _requireTls, _tlsAvailable, _tls));
            _driver.Session.Greet();
            if (!_login) return _driver;
            _driver.Send("login LOGIN alice@example.org secret\r\n");
            _driver.TakeOutput();
            return _driver;
        }
    }

    private void Send(List<byte> octets)
    {
        foreach (var piece in octets.Chunk(pieceSize)) Driver.Send(piece);
    }

    private void Expect(TranscriptStep.Expect expect)
    {
        Hear();
        Assert.True(_said.TryDequeue(out var line), $"{transcript.Name}:{expect.Line}: nothing was said instead of\n{expect.Pattern}");
        Assert.True(expect.Matches(line), $"{transcript.Name}:{expect.Line}: expected\n{expect.Pattern}\nbut heard\n{line}\n{string.Join('\n', _said)}");
    }

    private void ExpectNothing(TranscriptStep step)
    {
        Hear();
        Assert.True(_said.Count == 0 && _output.Length == 0, $"{transcript.Name}:{step.Line}: unexpected\n{string.Join('\n', _said)}{_output}");
    }

    private void Hear()
    {
        _output += Driver.TakeOutput();
        for (var end = _output.IndexOf("\r\n", StringComparison.Ordinal); end >= 0; end = _output.IndexOf("\r\n", StringComparison.Ordinal))
        {
            // Transcripts are written in UTF-8.
            _said.Enqueue(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(_output[..end])));
            _output = _output[(end + 2)..];
        }
    }

    private void Happen(string[] words)
    {
        if (_driver is null && SetUp(words)) return;
        var mailbox = Driver.Mailbox;
        switch (words)
        {
            case ["handshake"]: Driver.Handshake(); break;
            case ["message", var folder, .. var rest]: mailbox.Deliver(folder, MessageOf(rest), FlagsOf(rest)); break;
            case ["flags", var folder, var uid, .. var flags]: mailbox.SetFlags(folder, Number(uid), FlagsOf(flags)); break;
            case ["expunge", var folder, .. var uids]: mailbox.Expunge(folder, [.. uids.Select(Number)]); break;
            case ["gone", var folder, var uid]: mailbox.Folder(folder).Find(Number(uid))!.IsGone = true; break;
            case ["folder", var name]: mailbox.Create(FolderName.Parse(name)); break;
            case ["remove", var name]: mailbox.Remove(name); break;
            case ["quota", "none"]: mailbox.Quota = null; break;
            case ["quota", var size]: mailbox.Quota = Number(size); break;
            case ["fail"]: mailbox.FailsNext = true; break;
            case ["annotate", "\"\"", var name, var value]: mailbox.Annotate(null, name, value); break;
            case ["annotate", var folder, var name, var value]: mailbox.Annotate(FolderName.Parse(folder), name, value); break;
            case ["share", var owner, var folder, var rights]: Share(owner, isShared: false, folder, rights); break;
            case ["share-mailbox", var owner, var folder, var rights]: Share(owner, isShared: true, folder, rights); break;
            case ["shared-message", var owner, var folder, .. var flags]: Driver.Sharing.Of(owner, isShared: false).Deliver(folder, MessageOf([]), FlagsOf(flags)); break;
            case ["tick"]: Driver.Session.WriteKeepAlive(); break;
            case ["rename", var from, var to]: mailbox.Perform(new MailboxRequest.RenameFolder(FolderName.Parse(from), FolderName.Parse(to))); break;
            case ["subscribe", var name]: mailbox.Perform(new MailboxRequest.Subscribe(FolderName.Parse(name), true)); break;
            case ["unsubscribe", var name]: mailbox.Perform(new MailboxRequest.Subscribe(FolderName.Parse(name), false)); break;
            default: throw new FormatException($"{transcript.Name}: unknown event {string.Join(' ', words)}");
        }

        Driver.Notify();
    }

    private void Share(string owner, bool isShared, string folder, string rights)
    {
        var mailbox = Driver.Sharing.Of(owner, isShared);
        mailbox.Create(FolderName.Parse(folder));
        Assert.True(FolderRightsText.TryParse(rights, out var parsed));
        mailbox.GuestRights![FolderName.Parse(folder)] = parsed;
    }

    private bool SetUp(string[] words)
    {
        switch (words)
        {
            case ["tls", "implicit"]: _tls = true; return true;
            case ["tls", "none"]: _tlsAvailable = false; return true;
            case ["plain"]: _requireTls = false; return true;
            case ["login"]: _requireTls = false; _login = true; return true;
            case ["limit", var name, var value]: _limits = WithLimit(name, long.Parse(value, CultureInfo.InvariantCulture)); return true;
            default: return false;
        }
    }

    private Limits WithLimit(string name, long value)
    {
        var limits = _limits with { };
        var property = typeof(Limits).GetProperty(name) ?? throw new FormatException($"no limit {name}");
        property.SetValue(limits, Convert.ChangeType(value, property.PropertyType, CultureInfo.InvariantCulture));
        return limits;
    }

    private static byte[] MessageOf(IEnumerable<string> words)
    {
        var file = words.FirstOrDefault(w => w.StartsWith('@'));
        return file is null
            ? Encoding.ASCII.GetBytes("From: Bob <bob@example.net>\r\nTo: alice@example.org\r\nSubject: Hello\r\nDate: Mon, 2 Feb 2026 03:04:05 +0000\r\nMessage-ID: <1@example.net>\r\n\r\nHello Alice\r\n")
            : TranscriptFile.ReadMessage("imap", file[1..]);
    }

    private static MessageFlags FlagsOf(IEnumerable<string> words)
    {
        var system = SystemFlags.None;
        var keywords = new List<string>();
        foreach (var word in words.Where(w => !w.StartsWith('@')))
        {
            if (word.StartsWith('\\')) system |= Enum.Parse<SystemFlags>(word[1..]);
            else keywords.Add(word);
        }

        return new MessageFlags(system, KeywordSet.Of(keywords));
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
