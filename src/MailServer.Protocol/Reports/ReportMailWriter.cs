using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Reports;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Protocol.Reports;

/// <summary>Writes a report as a message: RFC 9990 §3.5.2 for DMARC, RFC 8460 §5.3 for TLS. The delivery router signs it.</summary>
public static class ReportMailWriter
{
    private const int LineOctets = 57;

    /// <param name="output">Receives the message.</param>
    /// <param name="mail">The report.</param>
    /// <param name="to">The recipient.</param>
    /// <param name="unique">A unique value for the Message-ID.</param>
    /// <param name="now">The time for the Date field.</param>
    public static void Write(IBufferWriter<byte> output, ReportMail mail, EmailAddress to, string unique, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(mail);
        var isTls = mail.Kind == ReportKind.Tls;
        var boundary = $"=_{unique}";
        var text = new StringBuilder(1024);
        text.Append(CultureInfo.InvariantCulture, $"From: {mail.From}\r\nTo: {to}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Subject: Report Domain: {mail.Domain}\r\n Submitter: {mail.Submitter}\r\n Report-ID: <{mail.ReportId}>\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Date: {MailDate.Format(now)}\r\nMessage-ID: <{unique}@{mail.Submitter}>\r\n");
        // RFC 3834 §5: suppresses automatic responses.
        text.Append("Auto-Submitted: auto-generated\r\n");
        if (isTls) text.Append(CultureInfo.InvariantCulture, $"TLS-Report-Domain: {mail.Domain}\r\nTLS-Report-Submitter: {mail.Submitter}\r\n");
        text.Append("MIME-Version: 1.0\r\nContent-Type: ").Append(isTls ? "multipart/report; report-type=\"tlsrpt\"" : "multipart/mixed");
        text.Append(CultureInfo.InvariantCulture, $";\r\n\tboundary=\"{boundary}\"\r\n\r\n--{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n");
        WriteText(text, mail);
        text.Append(CultureInfo.InvariantCulture, $"\r\n--{boundary}\r\nContent-Type: {(isTls ? "application/tlsrpt+gzip" : "application/gzip")}\r\n");
        text.Append(CultureInfo.InvariantCulture, $"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n\tfilename=\"{mail.FileName}\"\r\n\r\n");
        Encoding.UTF8.GetBytes(text.ToString(), output);
        WriteBase64(output, mail.Document.Span);
        Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n", output);
    }

    private static void WriteText(StringBuilder text, ReportMail mail)
    {
        text.Append("This is a report by ").Append(mail.Submitter).Append(" on ");
        text.Append(mail.Kind == ReportKind.Tls ? "TLS connections to the mail hosts of " : "mail in the name of ").Append(mail.Domain).Append(",\r\nfrom ");
        text.Append(MailDate.Format(mail.Begin)).Append(" to ").Append(MailDate.Format(mail.End)).Append(".\r\n");
        text.Append("A DNS record of the domain requests these reports. They are intended for automatic processing.\r\n");
    }

    private static void WriteBase64(IBufferWriter<byte> output, ReadOnlySpan<byte> octets)
    {
        for (; !octets.IsEmpty; octets = octets[Math.Min(LineOctets, octets.Length)..])
        {
            Encoding.ASCII.GetBytes(Convert.ToBase64String(octets[..Math.Min(LineOctets, octets.Length)]), output);
            output.Write("\r\n"u8);
        }
    }
}
