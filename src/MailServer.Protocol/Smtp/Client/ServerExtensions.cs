using System.Globalization;

namespace MailServer.Protocol.Smtp.Client;

/// <summary>The extensions in a server's reply to EHLO (RFC 5321 §4.1.1.1).</summary>
internal sealed class ServerExtensions
{
    public static readonly ServerExtensions None = new();

    public bool Pipelining { get; private set; }

    public bool EightBitMime { get; private set; }

    public bool SmtpUtf8 { get; private set; }

    /// <summary>RFC 3461.</summary>
    public bool Dsn { get; private set; }

    public bool StartTls { get; private set; }

    /// <summary>The mechanisms of AUTH, in upper case.</summary>
    public IReadOnlyList<string> Mechanisms { get; private set; } = [];

    /// <summary>RFC 3030.</summary>
    public bool Chunking { get; private set; }

    /// <summary>RFC 8689.</summary>
    public bool RequireTls { get; private set; }

    /// <summary>RFC 6710.</summary>
    public bool Priority { get; private set; }

    /// <summary>RFC 2852.</summary>
    public bool DeliverBy { get; private set; }

    public bool Size { get; private set; }

    /// <summary>The maximum message size in octets; 0 when not stated (RFC 1870 §4).</summary>
    public long MaxSize { get; private set; }

    public static ServerExtensions Parse(string text)
    {
        var offer = new ServerExtensions();
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
            case ["SIZE", .. var limit]:
                Size = true;
                MaxSize = limit is [var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;
                break;
            case ["AUTH", .. var mechanisms]:
                Mechanisms = mechanisms;
                break;
            default:
                AddLater(words);
                break;
        }
    }

    private void AddLater(string[] words)
    {
        switch (words)
        {
            case ["CHUNKING", ..]:
                Chunking = true;
                break;
            case ["REQUIRETLS", ..]:
                RequireTls = true;
                break;
            case ["MT-PRIORITY", ..]:
                Priority = true;
                break;
            case ["DELIVERBY", ..]:
                DeliverBy = true;
                break;
        }
    }
}
