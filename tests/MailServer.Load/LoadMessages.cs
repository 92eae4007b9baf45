using System.Globalization;
using System.Text;

namespace MailServer.Load;

/// <summary>
/// Creates mail: number n of a run is always the same message. <c>X-Load-Id</c> identifies it, so that missing and duplicate ones are found.
/// No line begins with a dot.
/// </summary>
internal sealed class LoadMessages(string run)
{
    public const string IdField = "X-Load-Id";

    private const string Line = "The quick brown fox jumps over the lazy dog, and the mail comes in.\r\n";

    public string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{run}-{number}");

    public bool Made(string id) => id.StartsWith(run + "-", StringComparison.Ordinal);

    /// <summary>Plain text of about <paramref name="size"/> octets.</summary>
    public byte[] Plain(int number, string recipient, int size)
    {
        var text = Header(number, recipient).Append("Content-Type: text/plain; charset=us-ascii\r\n\r\n");
        while (text.Length < size) text.Append(Line);
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>Typical mail: most of it short, every eighth with an HTML part and an attachment.</summary>
    public byte[] Mixed(int number, string recipient)
    {
        if (number % 8 != 0) return Plain(number, recipient, 1_500 + (number % 7 * 700));
        const string boundary = "=_load";
        var text = Header(number, recipient)
            .Append($"Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n")
            .Append("Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Gr=C3=BC=C3=9Fe</p>\r\n")
            .Append($"--{boundary}\r\nContent-Type: application/pdf; name=\"report.pdf\"\r\n")
            .Append("Content-Disposition: attachment; filename=\"report.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        for (var i = 0; i < 200; i++) text.Append("JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl\r\n");
        return Encoding.Latin1.GetBytes(text.Append($"--{boundary}--\r\n").ToString());
    }

    private StringBuilder Header(int number, string recipient)
    {
        var subject = number % 3 == 0 ? "=?utf-8?q?Gr=C3=BC=C3=9Fe_aus_dem_S=C3=BCden?=" : "Re: the minutes of our last meeting";
        var date = new DateTime(2026, 1, 1, 8, 0, 0, DateTimeKind.Utc).AddMinutes(number);
        return new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"From: \"Ann Other, {number % 100}\" <ann{number % 100}@example.org>\r\n")
            .Append(CultureInfo.InvariantCulture, $"To: <{recipient}>\r\nCc: Bob <bob@example.net>, carol@example.com\r\n")
            .Append(CultureInfo.InvariantCulture, $"Subject: {subject} {number}\r\nDate: {date:ddd, d MMM yyyy HH:mm:ss} +0000\r\n")
            .Append(CultureInfo.InvariantCulture, $"Message-ID: <{Id(number)}@example.org>\r\nIn-Reply-To: <{Id(number)}.0@example.org>\r\n")
            .Append(CultureInfo.InvariantCulture, $"{IdField}: {Id(number)}\r\nMIME-Version: 1.0\r\n");
    }
}
