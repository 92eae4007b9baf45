using System.Globalization;
using System.Text;
using System.Text.Json;
using MailServer.Domain;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>Reads a TLS report (RFC 8460 §4.4) token by token, without building a tree. Unknown members and values of unexpected types are skipped.</summary>
public static class TlsReportReader
{
    private const int MaxDepth = 16;
    private const int MaxTexts = 100;

    /// <exception cref="ReportFormatException">It is not a report, or it exceeds a limit.</exception>
    /// <exception cref="JsonException">It is not valid JSON.</exception>
    public static TlsReport Read(Stream content, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(limits);
        using var octets = new MemoryStream();
        content.CopyTo(octets);
        var text = octets.GetBuffer().AsSpan(0, (int)octets.Length);
        var json = new Utf8JsonReader(text.StartsWith("\uFEFF"u8) ? text[3..] : text, new JsonReaderOptions { MaxDepth = MaxDepth });
        json.Read();
        return new Parser(limits).Report(ref json);
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new ReportFormatException($"'{text}' is not a time");

    private sealed class Parser(Limits limits)
    {
        private readonly List<TlsReportPolicy> _policies = [];
        private int _records;
        private string _organization = "";
        private string _contact = "";
        private string _id = "";
        private string _begin = "";
        private string _end = "";

        public TlsReport Report(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.StartObject) throw new ReportFormatException("it is not a JSON object");
            while (TryMember(ref json, out var name))
            {
                if (name == "organization-name") _organization = Text(ref json);
                else if (name == "contact-info") _contact = Text(ref json);
                else if (name == "report-id") _id = Text(ref json);
                else if (name == "date-range" && json.TokenType == JsonTokenType.StartObject) ReadRange(ref json);
                else if (name == "policies" && json.TokenType == JsonTokenType.StartArray) ReadPolicies(ref json);
                else json.Skip();
            }

            if (_policies.Count == 0) throw new ReportFormatException("it contains no policy");
            return new TlsReport { Organization = _organization, Contact = _contact, ReportId = _id, Begin = Time(_begin), End = Time(_end), Policies = _policies };
        }

        private void ReadRange(ref Utf8JsonReader json)
        {
            while (TryMember(ref json, out var name))
            {
                if (name == "start-datetime") _begin = Text(ref json);
                else if (name == "end-datetime") _end = Text(ref json);
                else json.Skip();
            }
        }

        private void ReadPolicies(ref Utf8JsonReader json)
        {
            while (TryObject(ref json))
            {
                Count();
                _policies.Add(ReadPolicy(ref json));
            }
        }

        private TlsReportPolicy ReadPolicy(ref Utf8JsonReader json)
        {
            string type = "", domain = "";
            List<string> strings = [], hosts = [];
            long successful = 0, failed = 0;
            var failures = new List<TlsReportFailure>();
            while (TryMember(ref json, out var name))
            {
                if (name == "policy" && json.TokenType == JsonTokenType.StartObject) (type, domain) = ReadPolicyName(ref json, strings, hosts);
                else if (name == "summary" && json.TokenType == JsonTokenType.StartObject) (successful, failed) = ReadSummary(ref json);
                else if (name == "failure-details" && json.TokenType == JsonTokenType.StartArray) ReadFailures(ref json, failures);
                else json.Skip();
            }

            return new TlsReportPolicy { Type = type, Domain = domain, Strings = strings, MxHosts = hosts, Successful = successful, Failed = failed, Failures = failures };
        }

        private (string Type, string Domain) ReadPolicyName(ref Utf8JsonReader json, List<string> strings, List<string> hosts)
        {
            string type = "", domain = "";
            while (TryMember(ref json, out var name))
            {
                if (name == "policy-type") type = Text(ref json);
                else if (name == "policy-domain") domain = Text(ref json);
                else if (name == "policy-string") Texts(ref json, strings);
                else if (name == "mx-host") Texts(ref json, hosts);
                else json.Skip();
            }

            return (type, domain);
        }

        private static (long Successful, long Failed) ReadSummary(ref Utf8JsonReader json)
        {
            long successful = 0, failed = 0;
            while (TryMember(ref json, out var name))
            {
                if (name == "total-successful-session-count") successful = Number(ref json);
                else if (name == "total-failure-session-count") failed = Number(ref json);
                else json.Skip();
            }

            return (successful, failed);
        }

        private void ReadFailures(ref Utf8JsonReader json, List<TlsReportFailure> failures)
        {
            while (TryObject(ref json))
            {
                Count();
                var texts = new Dictionary<string, string>(StringComparer.Ordinal);
                var count = 0L;
                while (TryMember(ref json, out var name))
                {
                    if (name == "failed-session-count") count = Number(ref json);
                    else if (json.TokenType == JsonTokenType.String && texts.Count < MaxTexts) texts[name] = Text(ref json);
                    else json.Skip();
                }

                failures.Add(Failure(texts, count));
            }
        }

        private static TlsReportFailure Failure(Dictionary<string, string> texts, long count) => new()
        {
            Type = texts.GetValueOrDefault("result-type", ""),
            Count = count,
            SendingAddress = texts.GetValueOrDefault("sending-mta-ip", ""),
            MxHost = texts.GetValueOrDefault("receiving-mx-hostname", ""),
            MxHelo = texts.GetValueOrDefault("receiving-mx-helo", ""),
            ReceivingAddress = texts.GetValueOrDefault("receiving-ip", ""),
            Information = texts.GetValueOrDefault("additional-information", ""),
            ReasonCode = texts.GetValueOrDefault("failure-reason-code", ""),
        };

        private void Count()
        {
            if (++_records > limits.ReportRecords) throw new ReportFormatException("it contains too many records");
        }

        /// <summary>Moves to the value of the next member of an object; returns false at the object's end.</summary>
        private static bool TryMember(ref Utf8JsonReader json, out string name)
        {
            name = "";
            if (!json.Read() || json.TokenType != JsonTokenType.PropertyName) return false;
            // No known name is longer.
            const int longest = 64;
            name = json.ValueSpan.Length <= longest ? json.GetString()! : "";
            return json.Read();
        }

        /// <summary>Moves to the next object of an array and skips other values; returns false at the array's end.</summary>
        private static bool TryObject(ref Utf8JsonReader json)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.StartObject) return true;
                json.Skip();
            }

            return false;
        }

        private string Text(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.String)
            {
                json.Skip();
                return "";
            }

            var text = json.ValueSpan.Length <= limits.ReportText * 8 ? json.GetString()! : Encoding.UTF8.GetString(json.ValueSpan[..limits.ReportText]);
            return text.Length <= limits.ReportText ? text : text[..limits.ReportText];
        }

        /// <summary>A list of texts, or a single text, as some reporters write it.</summary>
        private void Texts(ref Utf8JsonReader json, List<string> texts)
        {
            if (json.TokenType == JsonTokenType.String) texts.Add(Text(ref json));
            if (json.TokenType != JsonTokenType.StartArray)
            {
                json.Skip();
                return;
            }

            while (json.Read() && json.TokenType != JsonTokenType.EndArray)
            {
                if (json.TokenType == JsonTokenType.String && texts.Count < MaxTexts) texts.Add(Text(ref json));
                else json.Skip();
            }
        }

        private static long Number(ref Utf8JsonReader json)
        {
            var isNumber = json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var number) && number is >= 0 and < uint.MaxValue;
            var value = isNumber ? json.GetInt64() : 0;
            json.Skip();
            return value;
        }
    }
}
