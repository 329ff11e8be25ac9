using Engine.Tests.Children;

namespace Engine.Tests.Conformance;

/// <summary>The processor's kernels again, on what older processors have.</summary>
public class InstructionSetTests
{
    [TestCase("DOTNET_EnableAVX512", "no-avx512")]
    [TestCase("DOTNET_EnableAVX2", "no-avx2")]
    [TestCase("DOTNET_EnableHWIntrinsic", "none")]
    public void Cpu_MatchesReference_Without(string variable, string instructions)
        => ChildProcess.MustPass(
            new Dictionary<string, string> { [variable] = "0", ["ENGINE_TEST_CPU_ONLY"] = "1" },
            TimeSpan.FromMinutes(5), "conformance", instructions);
}
