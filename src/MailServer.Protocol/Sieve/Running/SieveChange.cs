using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The changes of the body of the message in a run (RFC 5703 §5, §6). Actions before a change keep the message as it was.</summary>
internal sealed class SieveChange(SieveRun run)
{
    private const int MostEnclosures = 10;

    // Parts of loops belong to this message; a part of an earlier one is no longer there.
    private SieveMessage? _source;
    private (IReadOnlyList<SieveField>? Header, SieveBody? Body) _beforeEnclosure;
    private int _enclosures;

    /// <summary>The body as it is now; null if nothing has changed it.</summary>
    public SieveBody? Body { get; private set; }

    /// <summary>An action with the message as it is now. <c>redirect</c> is not affected by an enclosure.</summary>
    public SieveAction Stamp(SieveAction action) => action is SieveRedirect && _enclosures > 0
        ? action with { Header = _beforeEnclosure.Header, Body = _beforeEnclosure.Body }
        : action with { Header = run.Header.Edited, Body = Body };

    /// <summary>Whether an action has the message as it is now.</summary>
    public bool IsCurrent(SieveAction action) => action is SieveRedirect && _enclosures > 0
        ? action.Header == _beforeEnclosure.Header && action.Body == _beforeEnclosure.Body
        : action.Header == run.Header.Edited && action.Body == Body;

    /// <summary>A loop over the parts of the message begins.</summary>
    public void BeginLoop() => _source = run.Message;

    public void ReplacePart(SievePart part, MimeEntity entity)
    {
        if (part.Message != _source)
        {
            run.Remarks.Add("a part is not replaced: the message that it belongs to has been replaced");
            return;
        }

        var octets = entity.ToOctets();
        run.Budget.Charge(octets.Length);
        part.Replace(octets);
        run.Budget.Charge(_source.Root.All().Count());
        Use(new SieveBody([.. _source.BodyPieces()]), run.Header.Fields, run.Header.Edited is not null);
    }

    /// <summary>Everything but the header fields that are not about the content is replaced.</summary>
    public void ReplaceAll(MimeEntity entity, string? subject, string? from)
    {
        var fields = run.Header.Fields.Where(static f => !MimeEntity.IsAboutContent(f.Name) && !Is(f, "MIME-Version")).ToList();
        if (subject is not null) Exchange(fields, "Subject", subject);
        if (from is not null) Exchange(fields, "From", from);
        fields.Add(SieveField.Create("MIME-Version", "1.0"));
        fields.AddRange(entity.Fields);
        if (run.Part is { } root) root.Replace(entity.ToOctets());
        Use(new SieveBody([SievePiece.Of(entity.Body)]), fields, isEdited: true);
        _source = run.Message;
    }

    public void Enclose(string text, string? subject, IReadOnlyList<string> copied)
    {
        if (_enclosures == MostEnclosures) throw new SieveFaultException($"the message is enclosed more than {Quantity.Of(MostEnclosures, "time")}");
        if (_enclosures++ == 0) _beforeEnclosure = (run.Header.Edited, Body);
        var key = Key();
        var boundary = $"=_enclosed_{key}";
        var first = MimeEntity.OfText(text);
        var opening = Encoding.ASCII.GetBytes($"--{boundary}\r\n").Concat(first.ToOctets()).Concat(Encoding.ASCII.GetBytes(
            $"\r\n--{boundary}\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment\r\n\r\n")).ToArray();
        // The first field of the file is the server's own, of this delivery, and stays the first.
        var (own, enclosed) = (run.Header.Fields.Where(static f => Is(f, "Return-Path")).Take(1), run.Header.Fields.SkipWhile(static f => Is(f, "Return-Path")));
        byte[] header = [.. enclosed.SelectMany(static f => f.Octets.ToArray()), .. "\r\n"u8];
        run.Budget.Charge(opening.Length + header.Length);
        List<SievePiece> pieces = [SievePiece.Of(opening), SievePiece.Of(header), .. run.Message.BodyPieces(), SievePiece.Of(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"))];
        Use(new SieveBody(pieces), [.. own, .. NewHeader(subject, copied, key, boundary)], isEdited: true);
        _source = run.Message;
    }

    private List<SieveField> NewHeader(string? subject, IReadOnlyList<string> copied, string key, string boundary)
    {
        var fields = run.Header.Fields.Where(f => copied.Contains(f.Name, StringComparer.OrdinalIgnoreCase) && IsCopied(f.Name)).ToList();
        // RFC 5703 §6: the current date and the user, unless the fields are copied.
        AddMissing(fields, "From", run.Facts.OwnAddresses is [var own, ..] ? own : run.Facts.Envelope.Recipient);
        AddMissing(fields, "Date", run.Facts.Now.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + run.Facts.Now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal));
        AddMissing(fields, "Message-ID", $"<{key}.enclosed@{run.Facts.Environment("host") ?? "localhost"}>");
        if (subject is not null)
        {
            fields.RemoveAll(static f => Is(f, "Subject"));
            fields.Add(SieveField.Create("Subject", OneLine(subject)));
        }
        else if (!fields.Exists(static f => Is(f, "Subject")) && run.Header.First("Subject") is { } old)
        {
            fields.Add(old);
        }

        fields.Add(SieveField.Create("MIME-Version", "1.0"));
        fields.Add(SieveField.Create("Content-Type", $"multipart/mixed; boundary=\"{boundary}\""));
        fields.Add(SieveField.Create("Content-Transfer-Encoding", "8bit"));
        return fields;
    }

    private static bool IsCopied(string name) => !MimeEntity.IsAboutContent(name) && !name.Equals("MIME-Version", StringComparison.OrdinalIgnoreCase) && !name.Equals("Return-Path", StringComparison.OrdinalIgnoreCase);

    private static void AddMissing(List<SieveField> fields, string name, string value)
    {
        if (!fields.Exists(f => Is(f, name))) fields.Add(SieveField.Create(name, value));
    }

    /// <summary>Sets a field and keeps the old one under <c>Original-</c> and its name.</summary>
    private static void Exchange(List<SieveField> fields, string name, string value)
    {
        var old = fields.Find(f => Is(f, name));
        if (old is not null)
        {
            fields.RemoveAll(f => Is(f, "Original-" + name));
            fields.Add(SieveField.Create("Original-" + name, old.Text));
        }

        fields.RemoveAll(f => Is(f, name));
        fields.Add(SieveField.Create(name, OneLine(value)));
    }

    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));

    private static bool Is(SieveField field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A value that the sender cannot know, because this server's own fields are part of it, and that is the same when the delivery is repeated.</summary>
    private string Key()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var field in run.Message.Fields) hash.AppendData(field.Octets.Span);
        hash.AppendData([(byte)_enclosures]);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private void Use(SieveBody body, IReadOnlyList<SieveField> fields, bool isEdited)
    {
        Body = body;
        byte[] header = [.. fields.SelectMany(static f => f.Octets.Span.EndsWith("\n"u8) ? f.Octets.ToArray() : [.. f.Octets.Span, .. "\r\n"u8]), .. "\r\n"u8];
        run.Budget.Charge(header.Length);
        run.Use(run.Message.With([SievePiece.Of(header), .. body.Pieces]), isEdited ? fields : null);
    }
}
