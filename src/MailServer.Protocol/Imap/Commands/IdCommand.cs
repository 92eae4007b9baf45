using System.Text;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;
using MailServer.Protocol.Observation;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>ID (RFC 2971). The client's name and version are passed to the session observer.</summary>
internal sealed record IdCommand(string? ClientName, string? ClientVersion) : ImapCommand
{
    private const int MaxValueLength = 40;
    private const int MaxPairs = 30; // RFC 2971 §3.3

    public static ImapCommand? Read(ref ImapReader reader)
    {
        if (!reader.ReadSpace()) return null;
        if (reader.TryReadWord("NIL"u8)) return new IdCommand(null, null);
        if (!reader.Open()) return null;
        if (reader.Close()) return new IdCommand(null, null);
        string? name = null, version = null;
        for (var pairs = 0; pairs < MaxPairs; pairs++)
        {
            if (!reader.ReadString(out var field) || !reader.ReadSpace() || !reader.ReadNString(out var value)) return null;
            if (Ascii.EqualsIgnoreCase(field, "name"u8)) name = Value(value);
            else if (Ascii.EqualsIgnoreCase(field, "version"u8)) version = Value(value);
            if (reader.Close()) return new IdCommand(name, version);
            if (!reader.ReadSpace()) return null;
        }

        return null;
    }

    public override IEnumerable<ImapEffect> Run(ImapSession session)
    {
        var before = Capabilities.Text(session);
        session.Client = ClientVersion is null ? ClientName : $"{ClientName} {ClientVersion}";
        if (ClientName is not null) session.Observer.ClientIdentified(session.Client!);
        var writer = new ImapWriter(session.Output);
        if (session.Options.ServerId is [var name, var version, ..])
        {
            writer.Write("* ID (\"name\" "u8);
            writer.Quoted(name);
            writer.Write(" \"version\" "u8);
            writer.Quoted(version);
            writer.Write(")\r\n"u8);
        }
        else
        {
            writer.Write("* ID NIL\r\n"u8);
        }

        // What is disabled for this program must not be used from here on, but the client may have read the list already.
        if (Capabilities.Text(session) is var after && after != before)
        {
            writer.Write("* "u8);
            writer.Write(after);
            writer.EndLine();
        }

        writer.Commit();
        session.Ok("ID completed");
        return [];
    }

    private static string Value(ReadOnlySpan<byte> value) => RedactedText.Line(value[..Math.Min(value.Length, MaxValueLength)]);
}
