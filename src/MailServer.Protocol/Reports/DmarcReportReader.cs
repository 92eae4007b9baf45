using System.Globalization;
using System.Xml;
using MailServer.Domain;
using MailServer.Domain.Reports;

namespace MailServer.Protocol.Reports;

/// <summary>
/// Reads an aggregate report: the schema of RFC 9990 Appendix A and its predecessors (RFC 7489 Appendix C), in any namespace and element order, as
/// real reports differ. Unknown elements are skipped. DTDs and entities are refused; depth, records and text lengths are bounded.
/// </summary>
public static class DmarcReportReader
{
    private const int MaxDepth = 32;

    /// <exception cref="ReportFormatException">It is not a report, or it exceeds a limit.</exception>
    /// <exception cref="XmlException">It is not well-formed XML.</exception>
    public static DmarcReport Read(Stream content, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            MaxCharactersInDocument = limits.ReportDocument,
        };
        using var xml = XmlReader.Create(content, settings);
        if (xml.MoveToContent() != XmlNodeType.Element || xml.LocalName != "feedback") throw new ReportFormatException("its root element is not 'feedback'");
        return new Parser(xml, limits).Report();
    }

    private static DateTimeOffset Time(string text)
    {
        const long latest = 253_402_300_799;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= latest
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ReportFormatException($"'{text}' is not a time in seconds");
    }

    private sealed class Parser(XmlReader xml, Limits limits)
    {
        private readonly char[] _text = new char[limits.ReportText];
        private readonly List<DmarcReportRow> _rows = [];
        private Dictionary<string, string> _metadata = [];
        private Dictionary<string, string> _range = [];
        private Dictionary<string, string>? _policy;

        public DmarcReport Report()
        {
            ForEachChild(name =>
            {
                if (name == "report_metadata") _metadata = Leaves("date_range", () => _range = Leaves());
                else if (name == "policy_published") _policy = Leaves();
                else if (name == "record") Add(Record());
                else Skip();
            });
            if (_policy?.GetValueOrDefault("domain") is not { Length: > 0 } domain) throw new ReportFormatException("it names no domain");
            return new DmarcReport
            {
                Organization = Of(_metadata, "org_name"),
                Email = Of(_metadata, "email"),
                ExtraContact = Of(_metadata, "extra_contact_info"),
                ReportId = Of(_metadata, "report_id"),
                Begin = Time(Of(_range, "begin")),
                End = Time(Of(_range, "end")),
                Error = Of(_metadata, "error"),
                Generator = Of(_metadata, "generator"),
                Policy = Policy(domain, _policy),
                Rows = _rows,
            };
        }

        private static DmarcPublishedPolicy Policy(string domain, Dictionary<string, string> leaves) => new()
        {
            Domain = domain,
            Policy = Of(leaves, "p"),
            SubdomainPolicy = Of(leaves, "sp"),
            NonexistentPolicy = Of(leaves, "np"),
            DkimAlignment = Of(leaves, "adkim"),
            SpfAlignment = Of(leaves, "aspf"),
            Discovery = Of(leaves, "discovery_method"),
            FailureOptions = Of(leaves, "fo"),
            Testing = Of(leaves, "testing"),
        };

        private void Add(DmarcReportRow row)
        {
            if (_rows.Count >= limits.ReportRecords) throw new ReportFormatException("it contains too many records");
            _rows.Add(row);
        }

        private DmarcReportRow Record()
        {
            Dictionary<string, string> row = [], evaluated = [], identifiers = [];
            var reasons = new List<PolicyOverrideReason>();
            var dkim = new List<DkimObservation>();
            var spf = new List<SpfObservation>();
            ForEachChild(name =>
            {
                if (name == "row") row = Leaves("policy_evaluated", () => evaluated = Leaves("reason", () => Keep(reasons, Reason())));
                else if (name == "identifiers") identifiers = Leaves();
                else if (name == "auth_results") ReadResults(dkim, spf);
                else Skip();
            });
            return new DmarcReportRow
            {
                Source = Of(row, "source_ip"),
                Count = long.TryParse(Of(row, "count"), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < uint.MaxValue ? n : throw new ReportFormatException("a record has no valid count"),
                Disposition = Of(evaluated, "disposition"),
                DkimAligned = Of(evaluated, "dkim") == "pass",
                SpfAligned = Of(evaluated, "spf") == "pass",
                Reasons = reasons,
                HeaderFrom = Of(identifiers, "header_from"),
                EnvelopeFrom = identifiers.GetValueOrDefault("envelope_from"),
                EnvelopeTo = identifiers.GetValueOrDefault("envelope_to"),
                Dkim = dkim,
                Spf = spf,
            };
        }

        private PolicyOverrideReason Reason()
        {
            var leaves = Leaves();
            return new PolicyOverrideReason(Of(leaves, "type"), Of(leaves, "comment"));
        }

        private void ReadResults(List<DkimObservation> dkim, List<SpfObservation> spf) => ForEachChild(name =>
        {
            if (name is not ("dkim" or "spf"))
            {
                Skip();
                return;
            }

            var leaves = Leaves();
            if (name == "dkim") Keep(dkim, new DkimObservation(Of(leaves, "domain"), Of(leaves, "selector"), Of(leaves, "result")));
            else Keep(spf, new SpfObservation(Of(leaves, "domain"), Of(leaves, "result")));
        });

        // RFC 9990 §3.1.3 limits the list to 100.
        private static void Keep<T>(List<T> list, T item)
        {
            const int most = 100;
            if (list.Count < most) list.Add(item);
        }

        private static string Of(Dictionary<string, string> leaves, string name) => leaves.GetValueOrDefault(name, "");

        /// <summary>The texts of the element's children. <paramref name="read"/> processes children named <paramref name="group"/>.</summary>
        private Dictionary<string, string> Leaves(string? group = null, Action? read = null)
        {
            const int most = 64;
            var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
            ForEachChild(name =>
            {
                if (name == group) read!();
                else if (leaves.Count < most) leaves[name] = Text();
                else Skip();
            });
            return leaves;
        }

        /// <summary>Calls <paramref name="child"/> for each child element, which it must read to its end, and moves past the end of the current element.</summary>
        private void ForEachChild(Action<string> child)
        {
            if (xml.Depth > MaxDepth) throw new ReportFormatException("its elements are nested too deeply");
            if (xml.IsEmptyElement)
            {
                xml.Read();
                return;
            }

            xml.Read();
            while (xml.NodeType is not (XmlNodeType.EndElement or XmlNodeType.None))
            {
                if (xml.NodeType == XmlNodeType.Element) child(xml.LocalName);
                else xml.Read();
            }

            xml.Read();
        }

        /// <summary>The first text of an element, truncated to the limit; nested elements are skipped.</summary>
        private string Text()
        {
            var length = 0;
            var depth = xml.Depth;
            if (xml.IsEmptyElement)
            {
                xml.Read();
                return "";
            }

            while (xml.Read() && xml.Depth > depth)
            {
                if (xml.Depth > MaxDepth) throw new ReportFormatException("its elements are nested too deeply");
                if (xml.NodeType is not (XmlNodeType.Text or XmlNodeType.CDATA) || xml.Depth > depth + 1) continue;
                while (length < _text.Length && xml.ReadValueChunk(_text, length, _text.Length - length) is > 0 and var read) length += read;
            }

            xml.Read();
            return new string(_text, 0, length).Trim();
        }

        private void Skip()
        {
            var depth = xml.Depth;
            if (!xml.IsEmptyElement)
            {
                while (xml.Read() && xml.Depth > depth)
                    if (xml.Depth > MaxDepth) throw new ReportFormatException("its elements are nested too deeply");
            }

            xml.Read();
        }
    }
}
