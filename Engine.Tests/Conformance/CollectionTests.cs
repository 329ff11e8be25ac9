using Engine.Tests.Children;

namespace Engine.Tests.Conformance;

/// <summary>A garbage collection within every kernel changes nothing.</summary>
public class CollectionTests
{
    public static IEnumerable<string> Devices => TestDevices.Names.Where(name => name is not ("reference" or "emulated"));

    // Optimized code alone lets go of a variable after its last use: no tiers, so that each method is optimized at its first call.
    [TestCaseSource(nameof(Devices))]
    public void Cases_GiveTheSameBits_WhenEachKernelIsInterruptedByACollection(string device)
    {
        string list = Path.GetTempFileName();
        try
        {
            var cases = device == "cpu" ? ConformanceTests.Cases : CaseRuns.PerEntryPoint();
            File.WriteAllLines(list, cases.Select(c => c.Name));
            var optimized = new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0" };
            ChildProcess.MustPass(optimized, TimeSpan.FromMinutes(8), "collect", device, list);
        }
        finally
        {
            File.Delete(list);
        }
    }
}
