namespace MailServer.Protocol.Reports;

/// <summary>The data is not a valid report, or it exceeds a limit.</summary>
public sealed class ReportFormatException : Exception
{
    public ReportFormatException() { }

    public ReportFormatException(string message) : base(message) { }

    public ReportFormatException(string message, Exception innerException) : base(message, innerException) { }
}
