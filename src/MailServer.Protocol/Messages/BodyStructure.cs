using System.Buffers;
using System.Text;

namespace MailServer.Protocol.Messages;

/// <summary>BODYSTRUCTURE values in wire format (RFC 9051 §7.5.2).</summary>
public static class BodyStructure
{
    /// <summary>Greater than the depth of any structure written under <see cref="Domain.Limits.MaxMimeDepth"/>.</summary>
    private const int MaxDepth = 256;

    /// <summary>Converts BODYSTRUCTURE to BODY by removing extension data. Input that is not a valid BODYSTRUCTURE is copied unchanged.</summary>
    public static void WithoutExtensions(ReadOnlySpan<byte> bodyStructure, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var trimmed = new ArrayBufferWriter<byte>(Math.Max(1, bodyStructure.Length));
        var value = new ImapValueReader(bodyStructure);
        output.Write(TryWriteBody(ref value, trimmed, depth: 0) ? trimmed.WrittenSpan : bodyStructure);
    }

    /// <summary>The structure of a part; empty if there is no such part.</summary>
    /// <param name="bodyStructure">The structure of the message.</param>
    /// <param name="path">The numbers of the part, outermost first; none for the whole message.</param>
    internal static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> bodyStructure, ReadOnlySpan<int> path)
    {
        var body = bodyStructure;
        var isContent = true; // of a message, whose only part has the number 1
        foreach (var number in path)
        {
            if (!isContent && EmbeddedIn(body) is { IsEmpty: false } embedded)
            {
                body = embedded;
                isContent = true;
            }

            var value = new ImapValueReader(body);
            if (number < 1 || !value.TryOpen()) return default;
            if (value.AtList)
            {
                for (var i = 1; i < number && value.AtList; i++) value.Next();
                if (!value.AtList) return default;
                body = value.Next();
            }
            else if (!isContent || number != 1)
            {
                return default;
            }

            isContent = false;
        }

        return body;
    }

    /// <summary>The structure of the message that a part of type message/rfc822 contains; empty for other parts.</summary>
    private static ReadOnlySpan<byte> EmbeddedIn(ReadOnlySpan<byte> body)
    {
        var value = new ImapValueReader(body);
        if (!value.TryOpen() || value.AtList || !IsString(value.Next(), "message"u8)) return default;
        var subtype = value.Next();
        if (!IsString(subtype, "rfc822"u8) && !IsString(subtype, "global"u8)) return default;
        // params, id, description, encoding, octets, envelope
        for (var i = 0; i < 6; i++) value.Next();
        return value.Next();
    }

    // body = "(" (body-type-1part / body-type-mpart) ")"
    private static bool TryWriteBody(ref ImapValueReader value, IBufferWriter<byte> output, int depth)
    {
        if (depth > MaxDepth || !value.TryOpen()) return false;
        output.Write("("u8);
        if (!(value.AtList ? TryWriteMultipart(ref value, output, depth) : TryWritePart(ref value, output, depth))) return false;
        while (!value.TryClose())
        {
            if (value.Next().IsEmpty) return false;
        }

        output.Write(")"u8);
        return true;
    }

    // body-type-mpart = 1*body SP media-subtype
    private static bool TryWriteMultipart(ref ImapValueReader value, IBufferWriter<byte> output, int depth)
    {
        while (value.AtList)
        {
            if (!TryWriteBody(ref value, output, depth + 1)) return false;
        }

        output.Write(" "u8);
        return TryCopy(ref value, 1, output);
    }

    // media-type SP media-subtype SP params SP id SP desc SP enc SP octets; text adds lines; message adds envelope, body and lines
    private static bool TryWritePart(ref ImapValueReader value, IBufferWriter<byte> output, int depth)
    {
        var type = value;
        var isText = IsString(type.Next(), "text"u8);
        type = value;
        var isMessage = IsString(type.Next(), "message"u8) && type.Next() is var subtype
            && (IsString(subtype, "rfc822"u8) || IsString(subtype, "global"u8));
        if (!TryCopy(ref value, 7, output)) return false;
        if (isText)
        {
            output.Write(" "u8);
            return TryCopy(ref value, 1, output);
        }

        if (!isMessage) return true;
        output.Write(" "u8);
        if (!TryCopy(ref value, 1, output)) return false;
        output.Write(" "u8);
        if (!TryWriteBody(ref value, output, depth + 1)) return false;
        output.Write(" "u8);
        return TryCopy(ref value, 1, output);
    }

    private static bool TryCopy(ref ImapValueReader value, int count, IBufferWriter<byte> output)
    {
        for (var i = 0; i < count; i++)
        {
            var copied = value.Next();
            if (copied.IsEmpty) return false;
            if (i > 0) output.Write(" "u8);
            output.Write(copied);
        }

        return true;
    }

    private static bool IsString(ReadOnlySpan<byte> quoted, ReadOnlySpan<byte> text) =>
        quoted.Length == text.Length + 2 && Ascii.EqualsIgnoreCase(quoted[1..^1], text);
}
