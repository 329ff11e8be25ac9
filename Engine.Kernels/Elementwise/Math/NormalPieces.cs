using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

/// <summary>Functions of the normal distribution left of 0, f(−u), in pieces: a polynomial about each eighth from 0 to 31/8, whose coefficients AVX-512 picks out of two registers each.
/// There is no exponential and no quotient in it.</summary>
/// <remarks>The coefficients are those of Taylor's series, φ times Hermite polynomials, its fifth term economized: d⁵ ≈ 5/4 h² d³ − 5/16 h⁴ d for |d| ≤ h. What is left out
/// is below 4·10⁻⁷ of Φ, and below 10⁻⁸ from −1 on. Source: Abramowitz and Stegun, 22.3 and 26.2.</remarks>
internal static class NormalPieces
{
    /// <summary>The pieces are for u below it.</summary>
    public const float End = 31.5f / 8;

    /// <summary>A sum with it is rounded to eighths, which its lowest bits count.</summary>
    private const float Eighths = 1.5f * (1 << 20);

    /// <summary>Φ(−u).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cdf(Vector512<float> u)
    {
        var piece = Piece(u, out var d);
        var y = Pick(piece,
            Vector512.Create(-0f, -.0061527505f, -.011831641f, -.016613644f, -.02017041f, -.02229935f, -.022938203f, -.022162033f, -.020164227f, -.017225323f, -.013674899f, -.00985226f, -.0060711373f, -.0025923618f, .00039319092f, .0027709315f),
            Vector512.Create(.0044992473f, .0055987877f, .006137159f, .006211879f, .00593406f, .0054146117f, .0047539915f, .0040357937f, .0033238863f, .0026624303f, .0020779248f, .0015824286f, .0011772126f, .00085629045f, .00060946716f, .00042473237f));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(.06644168f, .06489531f, .06037553f, .05322757f, .04398578f, .033318046f, .021958657f, .010638302f, 1.9691628e-5f, -.009354161f, -.017094117f, -.022979552f, -.026954176f, -.029106107f, -.029636778f, -.02882403f),
            Vector512.Create(-.026984498f, -.024439603f, -.021488134f, -.018387021f, -.015340517f, -.012496961f, -.009951566f, -.00775338f, -.005914541f, -.0044202213f, -.0032380219f, -.002326025f, -.0016391053f, -.0011334288f, -.00076929986f, -.0005126433f)));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(0f, .024739856f, .048333514f, .06972283f, .08801633f, .102550305f, .112926535f, .11902406f, .12098536f, .11918061f, .11415568f, .10657093f, .097138196f, .08656234f, .07549265f, .06448714f),
            Vector512.Create(.053990968f, .044328548f, .03570711f, .028229132f, .021910375f, .016700488f, .012503648f, .0091972975f, .0066477726f, .004722278f, .003297203f, .002263138f, .0015271947f, .001013299f, .0006611169f, .00042418003f)));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(-.39894223f, -.39583763f, -.3866681f, -.37185505f, -.3520653f, -.32816097f, -.30113745f, -.272055f, -.24197075f, -.21187668f, -.18264912f, -.1550123f, -.12951763f, -.106538296f, -.086277336f, -.06878629f),
            Vector512.Create(-.05399098f, -.04172099f, -.031739656f, -.0237719f, -.017528297f, -.012724177f, -.0090935575f, -.006398115f, -.0044318433f, -.0030222533f, -.0020290439f, -.0013411155f, -.0008726799f, -.0005590594f, -.00035259404f, -.00021893044f)));
        return Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(.5f, .45026177f, .40129367f, .35383025f, .30853754f, .26598552f, .22662735f, .19078696f, .15865526f, .13029452f, .10564978f, .08456572f, .0668072f, .05208128f, .040059157f, .03039636f),
            Vector512.Create(.022750132f, .016793307f, .012224473f, .008774475f, .0062096654f, .0043324484f, .0029797633f, .0020201374f, .001349898f, .0008890253f, .00057702506f, .00036907845f, .00023262909f, .00014448073f, 8.8417284e-5f, 5.331235e-5f)));
    }

    /// <summary>Φ(−u) − u φ(u), the derivative of x Φ(x) at −u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GeluDerivative(Vector512<float> u)
    {
        var piece = Piece(u, out var d);
        var y = Pick(piece,
            Vector512.Create(-0f, -.036755938f, -.0697469f, -.09571144f, -.1123125f, -.11840896f, -.11413962f, -.10081642f, -.08065691f, -.05641148f, -.030954324f, -.006905689f, .013660059f, .029387733f, .039687708f, .044669464f),
            Vector512.Create(.044992473f, .04167255f, .03588146f, .028770719f, .021339793f, .014357079f, .008331696f, .0035266413f, 0f, -.0023397144f, -.0036760808f, -.004233853f, -.0042395564f, -.0038952185f, -.0033643362f, -.002767673f));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(.26566932f, .25641495f, .2296019f, .18795294f, .13560253f, .07756088f, .019088248f, -.034924388f, -.08047968f, -.114835955f, -.13667141f, -.14604943f, -.14421512f, -.13327463f, -.11581983f, -.09455875f),
            Vector512.Create(-.07200114f, -.050231006f, -.03077895f, -.014589433f, -.0020655873f, .006833191f, .012467067f, .0153882215f, .016227389f, .015604977f, .014070746f, .012070827f, .009937419f, .007894911f, .0060760207f, .0045423936f)));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(0f, .098572865f, .19031322f, .26908654f, .33006126f, .3701425f, .38818496f, .38496846f, .36295608f, .3258845f, .27825448f, .22479805f, .16999185f, .117670685f, .07077436f, .031235956f),
            Vector512.Create(0f, -.022856906f, -.037938803f, -.04631342f, -.049298346f, -.04827485f, -.044544246f, -.039232224f, -.03323886f, -.027226886f, -.021637896f, -.016726006f, -.0125993565f, -.0092621865f, -.006652489f, -.0046726083f)));
        y = Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(-.7978843f, -.78549016f, -.74916923f, -.6914179f, -.61611426f, -.52813405f, -.43288514f, -.33581802f, -.2419709f, -.1555971f, -.07990917f, -.016954638f, .03237926f, .06825098f, .0916696f, .10425418f),
            Vector512.Create(.10798194f, .10495439f, .09720273f, .08654463f, .07449533f, .06222925f, .050582983f, .040088255f, .03102296f, .023469737f, .017373731f, .012593946f, .008944996f, .0062282914f, .004253181f, .0028495276f)));
        return Vector512.MultiplyAddEstimate(y, d, Pick(piece,
            Vector512.Create(.5f, .40078208f, .30462664f, .21438457f, .13250488f, .060884923f, .00077427825f, -.04726117f, -.08331547f, -.10806671f, -.12266158f, -.12857614f, -.1274692f, -.12104341f, -.11092615f, -.0985779f),
            Vector512.Create(-.0852318f, -.071863785f, -.059189744f, -.04768379f, -.037611086f, -.029068528f, -.022027534f, -.016374458f, -.011945647f, -.0085555315f, -.0060173813f, -.0041571977f, -.0028217603f, -.0018821172f, -.0012338165f, -.00079504773f)));
    }

    /// <summary>The number of eighths nearest u, in the lowest five bits, and how far u lies above them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Piece(Vector512<float> u, out Vector512<float> d)
    {
        var sum = u + Vector512.Create(Eighths);
        d = u - (sum - Vector512.Create(Eighths));
        return sum.AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pick(Vector512<int> piece, Vector512<float> first, Vector512<float> last) => Avx512F.PermuteVar16x32x2(first, piece, last);
}
