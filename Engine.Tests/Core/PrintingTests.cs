using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests;

public class PrintingTests
{
    private static void Prints(Tensor x, string expected) => Assert.That(x.ToString(), Is.EqualTo(expected.ReplaceLineEndings("\n")));

    [Test]
    public void ToString_OfAMatrix_AlignsColumns() => Prints(Tensor.From([1f, -2.5f, 3, 10, 0, 0.25f], [2, 3]), """
        (2, 3) Float32 on cpu
        [[ 1.00, -2.50,  3.00],
         [10.00,  0.00,  0.25]]
        """);

    [Test]
    public void ToString_OfWholeNumbers_HasNoDecimals() => Prints(Tensor.From([1f, -2, 30], [3]).WithGrad(), """
        (3) Float32 on cpu, with grad
        [ 1, -2, 30]
        """);

    [Test]
    public void ToString_OfAScalar_AndOfNothing()
    {
        Prints(Tensor.Scalar(2.5), "() Float32 on cpu\n2.5");
        Prints(Tensor.Zeros([2, 0]), "(2, 0) Float32 on cpu");
    }

    [Test]
    public void ToString_OfThreeAxes_LeavesALineBetweenMatrices()
    {
        var x = Tensor.Arange(8).Reshape(2, 2, 2);
        x.Name = "fc.weight";
        Prints(x, """
            (2, 2, 2) 'fc.weight' Float32 on cpu
            [[[0, 1],
              [2, 3]],

             [[4, 5],
              [6, 7]]]
            """);
    }

    [Test]
    public void ToString_OfOtherTypes()
    {
        Prints(Tensor.From([1, -20], [2]), "(2) Int32 on cpu\n[  1, -20]");
        Prints(Tensor.From((byte[])[1, 255], [2], TestDevices.Reference), "(2) UInt8 on reference\n[  1, 255]");
        Prints(TypedTensors.Make([0.5, -2], [2], DType.Float16, Device.Cpu), "(2) Float16 on cpu\n[ 0.5, -2.0]");
        Prints(TypedTensors.Make([0.5, -2], [2], DType.BFloat16, Device.Cpu), "(2) BFloat16 on cpu\n[ 0.5, -2.0]");
        Prints(TypedTensors.Make([5, -2], [2], DType.Int8, Device.Cpu), "(2) Int8 on cpu\n[ 5, -2]");
    }

    [Test]
    public void ToString_OfFarApartNumbers_HasExponents()
    {
        Prints(Tensor.From([1e-5f, -1, 0, 1e9f], [4]), "(4) Float32 on cpu\n[ 1.0000e-05, -1.0000e+00,  0.0000e+00,  1.0000e+09]");
        Prints(Tensor.From([1e-7f, 2e-7f], [2]), "(2) Float32 on cpu\n[1.0000e-07, 2.0000e-07]");
        Prints(Tensor.From([0.12345f, 100], [2]), "(2) Float32 on cpu\n[  0.1235, 100.0000]");
        Prints(Tensor.From([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1.5f, -0f], [5]), "(5) Float32 on cpu\n[ nan,  inf, -inf,  1.5,  0.0]");
    }

    [Test]
    public void ToString_OfManyNumbers_LeavesOutTheMiddle()
    {
        Prints(Tensor.Arange(1001), "(1001) Float32 on cpu\n[   0,    1,    2, ...,  998,  999, 1000]");
        Prints(Tensor.Arange(2000).Reshape(20, 2, 50), """
            (20, 2, 50) Float32 on cpu
            [[[   0,    1,    2, ...,   47,   48,   49],
              [  50,   51,   52, ...,   97,   98,   99]],

             [[ 100,  101,  102, ...,  147,  148,  149],
              [ 150,  151,  152, ...,  197,  198,  199]],

             [[ 200,  201,  202, ...,  247,  248,  249],
              [ 250,  251,  252, ...,  297,  298,  299]],

             ...,

             [[1700, 1701, 1702, ..., 1747, 1748, 1749],
              [1750, 1751, 1752, ..., 1797, 1798, 1799]],

             [[1800, 1801, 1802, ..., 1847, 1848, 1849],
              [1850, 1851, 1852, ..., 1897, 1898, 1899]],

             [[1900, 1901, 1902, ..., 1947, 1948, 1949],
              [1950, 1951, 1952, ..., 1997, 1998, 1999]]]
            """);
    }

    [Test]
    public void ToString_OfALongRow_BreaksIt()
    {
        string[] lines = Tensor.Arange(100).ToString().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(5));
        Assert.That(lines[1], Is.EqualTo("[ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,"));
        Assert.That(lines[2], Does.StartWith(" 25, 26,"));
        Assert.That(lines.Max(line => line.Length), Is.LessThanOrEqualTo(102));
        Assert.That(lines[^1], Does.EndWith("98, 99]"));
    }

    [Test]
    public void ToString_OfMemoryGivenBack_SaysSo()
    {
        Tensor x;
        using (Device.Cpu.Scope()) x = Tensor.Ones([2]);
        Prints(x, "(2) Float32 on cpu, given back");
    }

    [Test]
    public void ToString_IsTheSameInEveryCulture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Prints(Tensor.Scalar(-2.5), "() Float32 on cpu\n-2.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void GraphToString_ListsEachNodeOnce()
    {
        Tensor w = Tensor.Ones([3, 2]).WithGrad(), x = Tensor.Ones([4, 3]);
        w.Name = "fc.weight";
        var h = x.MatMul(w, activation: Activation.Relu);
        Assert.That((h * h + h).Sum().GraphToString(), Is.EqualTo("""
            0: leaf (3, 2) 'fc.weight'
            1: MatMul {A·B, activation=Relu} -> (4, 2) of constant (4, 3), 0, nothing
            2: Multiply -> (4, 2) of 1, 1
            3: Add -> (4, 2) of 2, 1
            4: Sum {axes=0,1} -> () of 3
            """.ReplaceLineEndings("\n")));
        Assert.That(w.GraphToString(), Is.EqualTo("0: leaf (3, 2) 'fc.weight'"));
        Assert.That(x.GraphToString(), Is.EqualTo("0: constant (4, 3)"));
    }

    [Test]
    public void GraphToString_OfADeepGraph()
    {
        var x = Tensor.Ones([1]).WithGrad();
        var y = x;
        for (int i = 0; i < 10_000; i++) y = y + x;
        string[] lines = y.GraphToString().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(10_001));
        Assert.That(lines[^1], Is.EqualTo("10000: Add -> (1) of 9999, 0"));
    }
}
