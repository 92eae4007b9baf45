namespace MailServer.Protocol.Reports;

/// <summary>What should be a report is none: malformed, or larger than what is read.</summary>
public sealed class ReportFormatException : Exception
{
    public ReportFormatException() { }

    public ReportFormatException(string message) : base(message) { }

    public ReportFormatException(string message, Exception innerException) : base(message, innerException) { }
}
