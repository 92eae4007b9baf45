using System.Text;
using MailServer.Protocol.Messages;

namespace MailServer.Protocol.Sieve.Reading;

/// <summary>The pieces of a MIME header field that RFC 5703 §4 tests.</summary>
internal static class MimeValue
{
    /// <summary>The type of a Content-Type or Content-Disposition value; empty for other values.</summary>
    public static string Type(SieveField field)
    {
        var token = Token(field, out _);
        return token;
    }

    public static string Subtype(SieveField field)
    {
        Token(field, out var subtype);
        return subtype;
    }

    public static string ContentTypeOf(SieveField field)
    {
        var type = Token(field, out var subtype);
        return subtype.Length == 0 ? type : $"{type}/{subtype}";
    }

    /// <summary>Whether a second slash follows the subtype.</summary>
    public static bool HasMoreThanSubtype(SieveField field)
    {
        using var buffer = new WireBuilder(64);
        var reader = new ParameterReader(field.Value, buffer);
        reader.ReadToken();
        if (!reader.TryTake((byte)'/')) return false;
        reader.ReadToken();
        return reader.TryTake((byte)'/');
    }

    /// <summary>The value of a parameter, decoded (RFC 2231); null without it.</summary>
    public static string? Parameter(SieveField field, string name)
    {
        var value = field.Value.ToArray();
        var parameters = field.Name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase)
            ? MimeKit.ContentDisposition.TryParse(value, out var disposition) ? disposition.Parameters : null
            : MimeKit.ContentType.TryParse(value, out var type) ? type.Parameters : null;
        return parameters is not null && parameters.Contains(name) ? parameters[name] : null;
    }

    private static string Token(SieveField field, out string subtype)
    {
        using var buffer = new WireBuilder(64);
        var reader = new ParameterReader(field.Value, buffer);
        var type = Encoding.UTF8.GetString(reader.ReadToken());
        subtype = reader.TryTake((byte)'/') ? Encoding.UTF8.GetString(reader.ReadToken()) : "";
        return type;
    }
}
