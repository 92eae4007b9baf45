using MailServer.Storage.Tests.Postgres;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace MailServer.Storage.Tests.Directory;

/// <summary>A test for every directory implementation. Classes whose name begins with "Postgres" are skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("MailServer.Storage.Tests.Directory." + nameof(ContractFactDiscoverer), "MailServer.Storage.Tests")]
public sealed class ContractFactAttribute : FactAttribute;

/// <summary>Discovers these tests in each derived class.</summary>
public sealed class ContractFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var isMissing = PostgresFactAttribute.IsSkipped && testMethod.TestClass.Class.Name.Contains(".Postgres", StringComparison.Ordinal);
        return isMissing
            ? new Skipped(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
    }

    /// <summary>A skipped test with its reason.</summary>
    public sealed class Skipped : XunitTestCase
    {
        [Obsolete("For xunit alone, which makes it and then reads it.")]
        public Skipped()
        {
        }

        public Skipped(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method) : base(messages, display, options, method)
        {
        }

        protected override string GetSkipReason(IAttributeInfo factAttribute) => PostgresServer.Missing!;
    }
}
