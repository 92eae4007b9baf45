using System.Globalization;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>The extensions in a server's answer to EHLO (RFC 5321 §4.1.1.1).</summary>
internal sealed class ServerOffer
{
    public static readonly ServerOffer Nothing = new();

    public bool Pipelining { get; private set; }

    public bool EightBitMime { get; private set; }

    public bool SmtpUtf8 { get; private set; }

    /// <summary>RFC 3461.</summary>
    public bool Dsn { get; private set; }

    public bool StartTls { get; private set; }

    public bool AuthPlain { get; private set; }

    public bool Size { get; private set; }

    /// <summary>The largest message it takes, 0 when it does not say (RFC 1870 §4).</summary>
    public long MaxSize { get; private set; }

    public static ServerOffer Parse(string text)
    {
        var offer = new ServerOffer();
        foreach (var line in text.Split('\n').Skip(1)) offer.Add(line.ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return offer;
    }

    private void Add(string[] words)
    {
        switch (words)
        {
            case ["PIPELINING", ..]:
                Pipelining = true;
                break;
            case ["8BITMIME", ..]:
                EightBitMime = true;
                break;
            case ["SMTPUTF8", ..]:
                SmtpUtf8 = true;
                break;
            case ["DSN", ..]:
                Dsn = true;
                break;
            case ["STARTTLS", ..]:
                StartTls = true;
                break;
            case ["AUTH", .. var mechanisms]:
                AuthPlain = mechanisms.Contains("PLAIN");
                break;
            case ["SIZE", .. var limit]:
                Size = true;
                MaxSize = limit is [var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;
                break;
        }
    }
}
