using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Writes a TLS report as JSON (RFC 8460 §4.4).</summary>
public static class TlsReportWriter
{
    public static void Write(Stream output, TlsReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("organization-name", report.Organization);
        json.WriteStartObject("date-range");
        json.WriteString("start-datetime", Time(report.Begin));
        json.WriteString("end-datetime", Time(report.End));
        json.WriteEndObject();
        json.WriteString("contact-info", report.Contact);
        json.WriteString("report-id", report.ReportId);
        json.WriteStartArray("policies");
        foreach (var policy in report.Policies) WritePolicy(json, policy);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePolicy(Utf8JsonWriter json, TlsReportPolicy policy)
    {
        json.WriteStartObject();
        json.WriteStartObject("policy");
        json.WriteString("policy-type", policy.Type);
        WriteList(json, "policy-string", policy.Strings);
        json.WriteString("policy-domain", policy.Domain);
        WriteList(json, "mx-host", policy.MxHosts);
        json.WriteEndObject();
        json.WriteStartObject("summary");
        json.WriteNumber("total-successful-session-count", policy.Successful);
        json.WriteNumber("total-failure-session-count", policy.Failed);
        json.WriteEndObject();
        if (policy.Failures.Count > 0)
        {
            json.WriteStartArray("failure-details");
            foreach (var failure in policy.Failures) WriteFailure(json, failure);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, TlsReportFailure failure)
    {
        json.WriteStartObject();
        json.WriteString("result-type", failure.Type);
        Optional(json, "sending-mta-ip", failure.SendingAddress);
        Optional(json, "receiving-mx-hostname", failure.MxHost);
        Optional(json, "receiving-mx-helo", failure.MxHelo);
        Optional(json, "receiving-ip", failure.ReceivingAddress);
        json.WriteNumber("failed-session-count", failure.Count);
        Optional(json, "additional-information", failure.Information);
        Optional(json, "failure-reason-code", failure.ReasonCode);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0) json.WriteString(name, text);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
